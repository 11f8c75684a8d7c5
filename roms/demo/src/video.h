/* Tiles, palettes, objects and the bands of the picture. */
#ifndef VIDEO_H
#define VIDEO_H

#include <stdint.h>

extern uint8_t is_color;
/* Frames shown so far. */
extern volatile uint8_t frames;

void wait_frame(void);
void lcd_off(void);
void show_title(void);
void show_valley(uint8_t first_column);
void blink_prompt(uint8_t visible);

/* In shades a scene comes from white and goes to it, level by level; 0 has the usual shades. */
#define FADE_LEVELS 4
#define FADE_FRAMES 6
void fade_to(uint8_t level);
/* Once a frame, for as long as a scene lasts. */
void fade_in(void);

/* The picture's bands scroll at speeds of their own; `camera` is the land's left edge in dots. */
void scroll_to(uint16_t camera);
/* Queues a column of the land, counted from the valley's left end, for the next VBlank. */
void stream_column(uint8_t column);

/* Objects are put between these two; until then the ones before stay. */
void clear_objects(void);
void show_objects(void);
/* One 8x16 object; positions in dots from the screen's upper left corner. */
void put_object(int16_t x, int16_t y, uint8_t tile, uint8_t attributes);
/* A picture of 16x16 dots, in two objects. */
void put_pair(int16_t x, int16_t y, uint8_t tile, uint8_t attributes);

#define OBJECT_FLIP 0x20
#define OBJECT_BEHIND 0x80

/* The box below: one letter of the message a call, until `say` returns 0. */
void open_box(uint8_t message);
uint8_t say(void);
void close_box(void);

#endif
