#include "game.h"
#include "hardware.h"
#include "sound.h"
#include "video.h"

/* How long the title waits before it shows the game by itself. */
#define TITLE_FRAMES 600

static void fade_out(void) {
    uint8_t level, left;
    if (is_color) return;
    for (level = 1; level != FADE_LEVELS; level++) {
        fade_to(level);
        for (left = FADE_FRAMES; left; left--) {
            wait_frame();
            play_music();
        }
    }
}

static Pilot title(void) {
    uint16_t left = TITLE_FRAMES;
    show_title();
    while (left--) {
        wait_frame();
        fade_in();
        play_music();
        read_buttons();
        blink_prompt(left >> 5 & 1);
        if (pressed & (BUTTON_START | BUTTON_A)) return PERSON;
    }
    return DEMONSTRATION;
}

void main(void) {
    lcd_off();
    start_sound();
    while (1) {
        Pilot pilot = title();
        fade_out();
        play_game(pilot);
        fade_out();
    }
}
