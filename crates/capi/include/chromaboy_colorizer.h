/*
 * Colour for Game Boy emulators: shades of 160x144 pixels in, RGBA out.
 *
 * Made from crates/capi/src by cbindgen; crates/capi/README.md says how to build and to link.
 * Licence: MIT or Apache-2.0, as you choose.
 */

#ifndef CHROMABOY_COLORIZER_H
#define CHROMABOY_COLORIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Width of a frame in pixels.
 */
#define CHROMABOY_WIDTH 160

/**
 * Height of a frame in pixels.
 */
#define CHROMABOY_HEIGHT 144

/**
 * Pixels of a frame.
 */
#define CHROMABOY_PIXELS (CHROMABOY_WIDTH * CHROMABOY_HEIGHT)

/**
 * A style: as far as the network is sure. Elsewhere colors stay close to grey.
 */
#define CHROMABOY_STYLE_SAFE 0

/**
 * A style: what the network thinks most likely, sure or not.
 */
#define CHROMABOY_STYLE_VIVID 1

/**
 * A timing: the network runs on a thread of its own, and nobody waits for it. Each frame has the
 * latest colors that there are; those of the first are not there yet. This is what a running game
 * needs.
 */
#define CHROMABOY_TIMING_LIVE 0

/**
 * A timing: each frame has its own colors, and `chromaboy_colorizer_colorize` waits for the
 * network. This is for pictures and films.
 */
#define CHROMABOY_TIMING_EXACT 1

/**
 * A network that colors the frames of one game.
 *
 * It may be made, used and freed on different threads, but only one thread at a time may use it.
 * There may be several at once, each for a game of its own.
 */
struct chromaboy_colorizer;

/**
 * What a colorizer is to be like. All zero are the defaults: `struct chromaboy_options options =
 * {0};`
 *
 * The struct may grow from version to version: compile with the header of the library that you
 * link.
 */
struct chromaboy_options {
  /**
   * The network's weights: `v3` or `v1`, which are built in, or the path of a file in UTF-8: the
   * weights of V0, V1, V2 or V3 as safetensors, or those of V0, V1 and V2 as PyTorch saves them.
   * NULL or empty: `v3`.
   */
  const char *weights;
  /**
   * Where the network runs: `auto`, `cpu`, `cuda` or `metal`; the last two if the library was
   * built with the feature of that name. NULL or empty: `auto`, which is a graphics card if one
   * can be had, else the CPU.
   */
  const char *device;
  /**
   * `CHROMABOY_STYLE_SAFE` or `CHROMABOY_STYLE_VIVID`. Only V3 knows styles.
   */
  int style;
  /**
   * `CHROMABOY_TIMING_LIVE` or `CHROMABOY_TIMING_EXACT`.
   */
  int timing;
  /**
   * Threads that compute on the CPU, 1-256, or 0 for all cores but one.
   */
  unsigned int threads;
};

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Makes a colorizer, for one game. That takes longer than a frame lasts: do it while
 * a game is loaded.
 *
 * `options` may be NULL, for the defaults. They are only read during the call.
 *
 * Returns NULL if the colorizer cannot be made, and then `error` holds the reason: one line of
 * UTF-8 that ends in NUL and is cut to `error_size` bytes with that. Otherwise `error` holds the
 * empty text. `error` may be NULL, with the size 0.
 *
 * A colorizer may go from thread to thread, but only one thread at a time may use it. There may be
 * several. A process that has made one must not unload the library.
 */
struct chromaboy_colorizer *chromaboy_colorizer_new(const struct chromaboy_options *options,
                                                    char *error,
                                                    size_t error_size);

/**
 * Colors a frame.
 *
 * `shades` are the shades that the game drew, as the LCD got them: 160x144 bytes, row by row from
 * the top left, no gaps between the rows. 0 is white, 1 light grey, 2 dark grey and 3 black; only
 * the two low bits of each byte count. They are colors after the game's palettes (BGP, OBP0,
 * OBP1), not color indices, and before any palette of the emulator.
 *
 * `rgba` is where the picture goes: 160x144 pixels of 4 bytes, red, green, blue (sRGB) and 255, in
 * the same order.
 *
 * Give it every frame of a running game, also those that you do not show: a colorizer learns from
 * what it sees. With `CHROMABOY_TIMING_LIVE` it never waits for the network.
 *
 * Returns whether there is a picture. There is none, and `rgba` is as it was, if a pointer is
 * NULL, or after an error of the library itself; `chromaboy_colorizer_failure` then says what it
 * was. If the network alone fails, pictures are grey.
 */
bool chromaboy_colorizer_colorize(struct chromaboy_colorizer *colorizer,
                                  const uint8_t *shades,
                                  uint8_t *rgba);

/**
 * Colors a frame of greys, for who has no shades: 160x144 bytes, 255 is white and 0 black. A grey
 * counts as the nearest of 255, 170, 85 and 0. All else is as `chromaboy_colorizer_colorize` has
 * it.
 *
 * A picture whose four greys are others, or that is green, must be turned into shades first: the
 * order of its four colors by lightness is that of the shades.
 */
bool chromaboy_colorizer_colorize_grey(struct chromaboy_colorizer *colorizer,
                                       const uint8_t *grey,
                                       uint8_t *rgba);

/**
 * Forgets earlier frames. Call it after a reset of the game, a loaded state or a rewind. For
 * another game make another colorizer. NULL is ignored.
 */
void chromaboy_colorizer_reset(struct chromaboy_colorizer *colorizer);

/**
 * What went wrong first, in one line of UTF-8, or NULL if nothing did. The text is the library's,
 * and lasts until the next call with this colorizer.
 */
const char *chromaboy_colorizer_failure(struct chromaboy_colorizer *colorizer);

/**
 * The network and where it runs, such as `V3 on CPU, 1 thread, f32`, in UTF-8. The text is the
 * library's, and lasts as long as the colorizer. NULL if `colorizer` is NULL.
 */
const char *chromaboy_colorizer_description(const struct chromaboy_colorizer *colorizer);

/**
 * Frees a colorizer, which must not be used again. It waits until the network is done with the
 * frame that it is at. NULL is ignored.
 */
void chromaboy_colorizer_free(struct chromaboy_colorizer *colorizer);

/**
 * The version of the library, such as `0.1.0`. The text lasts for ever.
 */
const char *chromaboy_version(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* CHROMABOY_COLORIZER_H */
