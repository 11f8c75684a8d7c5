/*
 * What another emulator does: makes a colorizer, and gives it the frames that it drew.
 *
 *     color_frames OUT.ppm [FRAMES]
 *
 * FRAMES is a file of frames, 160x144 bytes each, a shade (0 white, 3 black) in every byte; without
 * it a ball flies over a wall. OUT.ppm gets one PPM picture after the other. Viewers show the first;
 * `ffmpeg -f ppm_pipe -i OUT.ppm film.mp4` makes a film of them.
 */
#include <stdio.h>
#include <string.h>

#include "chromaboy_colorizer.h"

#define DRAWN_FRAMES 16

/* Draws a frame of 8x8 tiles: a wall that scrolls, and a ball. */
static void draw(uint8_t *shades, int frame)
{
    for (int y = 0; y < CHROMABOY_HEIGHT; y++) {
        for (int x = 0; x < CHROMABOY_WIDTH; x++) {
            int right = x - 40 - 4 * frame, down = y - 60;
            int joint = y % 8 == 0 || (x + frame + y / 8 % 2 * 4) % 8 == 0;
            uint8_t shade = y < 96 ? 0 : joint ? 3 : 2;
            if (right * right + down * down < 64) {
                shade = 1;
            }
            shades[y * CHROMABOY_WIDTH + x] = shade;
        }
    }
}

/* The next frame: 1, or 0 if there is none. */
static int next_frame(uint8_t *shades, FILE *frames, int number)
{
    if (frames != NULL) {
        return fread(shades, CHROMABOY_PIXELS, 1, frames) == 1;
    }
    if (number == DRAWN_FRAMES) {
        return 0;
    }
    draw(shades, number);
    return 1;
}

static void write_picture(FILE *out, const uint8_t *rgba)
{
    fprintf(out, "P6\n%d %d\n255\n", CHROMABOY_WIDTH, CHROMABOY_HEIGHT);
    for (int pixel = 0; pixel < CHROMABOY_PIXELS; pixel++) {
        fwrite(rgba + 4 * pixel, 3, 1, out);
    }
}

static int color(FILE *frames, FILE *out)
{
    static uint8_t shades[CHROMABOY_PIXELS], rgba[4 * CHROMABOY_PIXELS];
    char error[200];
    struct chromaboy_options options;

    /* A running game takes the default, CHROMABOY_TIMING_LIVE, so that it never waits. */
    memset(&options, 0, sizeof options);
    options.timing = CHROMABOY_TIMING_EXACT;
    struct chromaboy_colorizer *colorizer =
        chromaboy_colorizer_new(&options, error, sizeof error);
    if (colorizer == NULL) {
        fprintf(stderr, "no colors: %s\n", error);
        return 1;
    }
    fprintf(stderr, "%s\n", chromaboy_colorizer_description(colorizer));
    for (int number = 0; next_frame(shades, frames, number); number++) {
        chromaboy_colorizer_colorize(colorizer, shades, rgba);
        write_picture(out, rgba);
    }
    const char *failure = chromaboy_colorizer_failure(colorizer);
    if (failure != NULL) {
        fprintf(stderr, "no colors any more: %s\n", failure);
    }
    int failed = failure != NULL;
    chromaboy_colorizer_free(colorizer);
    return failed;
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: %s OUT.ppm [FRAMES]\n", argv[0]);
        return 2;
    }
    FILE *frames = argc == 3 ? fopen(argv[2], "rb") : NULL;
    if (argc == 3 && frames == NULL) {
        perror(argv[2]);
        return 1;
    }
    FILE *out = fopen(argv[1], "wb");
    if (out == NULL) {
        perror(argv[1]);
        return 1;
    }
    int failed = color(frames, out);
    if (fclose(out) != 0) {
        perror(argv[1]);
        failed = 1;
    }
    return failed;
}
