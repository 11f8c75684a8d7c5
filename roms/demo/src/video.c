#include "video.h"

#include "data.h"
#include "hardware.h"

#define LCDC_ON 0x87 /* LCD, 8x16 objects, background from 0x9800, tiles from 0x8800 */
#define LCDC_OBJECTS 0x02
#define LCDC_WINDOW 0x60
#define LCDC_LOW_TILES 0x10
#define BOX_TOP 104
#define BOX_TILES FREE_TILES
#define GLYPH_TILES (BOX_TILES + 9)
#define STAT_LYC 0x40

/* The valley's bands: the line before each begins. The sky and the hills change color, too. */
#define VALLEY_SPLITS 8
static const uint8_t valley_lines[VALLEY_SPLITS] = {7, 15, 23, 31, 39, 47, 63, BOX_TOP - 1};
/* On the title the logo's colors make way for the land's, one on every other line, the
 * water's first. */
#define TITLE_SPLITS 16
#define TITLE_FIRST_LINE 24

typedef enum { TITLE, VALLEY } Screen;

extern volatile uint8_t shadow_objects[160];
volatile uint8_t frames;
static Screen screen;
static uint8_t split, box_open;
static uint8_t cloud_scroll, hill_scroll, lake_scroll, land_scroll;
static uint8_t next_object;
static volatile uint8_t objects_ready;
static uint8_t column_queued, queued_column;
static const uint8_t *letters;
static uint8_t letter_x, letter_y, slots_used;
static uint8_t glyph_slots[64];
static volatile uint8_t prompt, prompt_shown;
/* A letter on its way into VRAM. */
static volatile uint8_t letter_pending, pending_glyph, pending_slot, pending_is_new;

void run_dma(void);

static void set_color(uint8_t index, uint16_t color) {
    BCPS = 0x80 | index << 1;
    BCPD = (uint8_t)color;
    BCPD = (uint8_t)(color >> 8);
}

static void copy_column(void) {
    const uint8_t *tile = land_tiles + (uint16_t)queued_column * BAND_HEIGHT;
    volatile uint8_t *cell = BACKGROUND_MAP + 256 + (queued_column & 31);
    uint8_t row;
    for (row = 0; row != BAND_HEIGHT; row++) {
        *cell = *tile++;
        cell += 32;
    }
    if (is_color) {
        tile = land_palettes + (uint16_t)queued_column * BAND_HEIGHT;
        cell = BACKGROUND_MAP + 256 + (queued_column & 31);
        VBK = 1;
        for (row = 0; row != BAND_HEIGHT; row++) {
            *cell = *tile++;
            cell += 32;
        }
        VBK = 0;
    }
    column_queued = 0;
}

static void copy_letter(void) {
    volatile uint8_t *to = VRAM + ((uint16_t)(GLYPH_TILES + pending_slot) << 4);
    const uint8_t *from = font_data + ((uint16_t)pending_glyph << 4);
    uint8_t i;
    if (pending_is_new) {
        for (i = 0; i != 16; i++) *to++ = *from++;
    }
    WINDOW_MAP[(uint16_t)(letter_y << 5) + letter_x] = GLYPH_TILES + pending_slot;
    letter_pending = 0;
}

static void draw_prompt(void) {
    volatile uint8_t *cell = BACKGROUND_MAP + 6 * 32 + 4;
    const uint8_t *tile = prompt ? press_start : title_tiles + 6 * 20 + 4;
    uint8_t i;
    for (i = 0; i != 11; i++) *cell++ = *tile++;
    prompt_shown = prompt;
}

void vblank_isr(void) __interrupt {
    if (objects_ready) run_dma();
    split = 0;
    if (screen == VALLEY) {
        SCX = cloud_scroll;
        LYC = valley_lines[0];
        LCDC = box_open ? LCDC_ON | LCDC_WINDOW : LCDC_ON;
        if (is_color) set_color(1, gradient[0]);
        if (column_queued) copy_column();
        else if (letter_pending) copy_letter();
    } else {
        SCX = 0;
        LYC = TITLE_FIRST_LINE;
        if (is_color) {
            uint8_t i;
            BCPS = 0x80 | 32;
            for (i = 0; i != 16; i++) {
                BCPD = (uint8_t)logo_colors[i];
                BCPD = (uint8_t)(logo_colors[i] >> 8);
            }
        }
        if (prompt != prompt_shown) draw_prompt();
    }
    frames++;
}

static void split_valley(void) {
    uint16_t color;
    switch (split) {
    case 0:
    case 1:
        color = gradient[split + 1];
        while (STAT & 3);
        if (is_color) set_color(1, color);
        break;
    case 2:
        color = gradient[3];
        while (STAT & 3);
        SCX = hill_scroll;
        if (is_color) set_color(5, color);
        break;
    case 3:
    case 4:
        color = gradient[split + 1];
        while (STAT & 3);
        if (is_color) set_color(5, color);
        break;
    case 5:
        while (STAT & 3);
        SCX = lake_scroll;
        break;
    case 6:
        while (STAT & 3);
        SCX = land_scroll;
        break;
    default:
        if (box_open) {
            while (STAT & 3);
            LCDC = (LCDC_ON & ~LCDC_OBJECTS) | LCDC_WINDOW | LCDC_LOW_TILES;
        }
    }
    split++;
    LYC = split < VALLEY_SPLITS ? valley_lines[split] : 255;
}

void stat_isr(void) __interrupt {
    uint8_t index;
    uint16_t color;
    if (screen == VALLEY) {
        split_valley();
        return;
    }
    index = 31 - split;
    color = background_colors[index];
    while (STAT & 3);
    if (is_color) set_color(index, color);
    split++;
    LYC = split < TITLE_SPLITS ? TITLE_FIRST_LINE + 2 * split : 255;
}

void wait_frame(void) {
    uint8_t before = frames;
    while (frames == before) {
        __asm__("halt");
        __asm__("nop");
    }
}

void lcd_off(void) {
    if (LCDC & 0x80) {
        while (LY != 145);
        LCDC = 0;
    }
}

static void copy(volatile uint8_t *to, const uint8_t *from, uint16_t count) {
    while (count--) *to++ = *from++;
}

/* The usual shades, and the way to white. */
static const uint8_t fade_shades[FADE_LEVELS] = {0xE4, 0x90, 0x40, 0x00};
static uint8_t fade_left;

void fade_to(uint8_t level) {
    BGP = fade_shades[level];
    /* Objects stand out by white where the background is grey. */
    OBP0 = OBP1 = level ? fade_shades[level] : 0xE0;
}

void fade_in(void) {
    if (!fade_left) return;
    fade_left--;
    fade_to(fade_left / FADE_FRAMES);
}

static void load_palettes(void) {
    uint8_t i;
    fade_left = is_color ? 0 : FADE_LEVELS * FADE_FRAMES;
    fade_to(is_color ? 0 : FADE_LEVELS - 1);
    if (!is_color) return;
    for (i = 0; i != 32; i++) set_color(i, background_colors[i]);
    OCPS = 0x80;
    for (i = 0; i != 32; i++) {
        OCPD = (uint8_t)object_colors[i];
        OCPD = (uint8_t)(object_colors[i] >> 8);
    }
}

static void start(Screen next) {
    IF = 0;
    screen = next;
    column_queued = letter_pending = box_open = 0;
    clear_objects();
    show_objects();
    split = 255;
    LYC = 255;
    STAT = STAT_LYC;
    IE = 0x03;
    LCDC = LCDC_ON;
    __asm__("ei");
}

void show_title(void) {
    uint8_t row, column;
    uint16_t at = 0;
    __asm__("di");
    lcd_off();
    load_palettes();
    VBK = 0;
    copy(VRAM + 0x800, title_tile_data, sizeof title_tile_data);
    copy(VRAM, object_tile_data, sizeof object_tile_data);
    for (row = 0; row != 18; row++) {
        for (column = 0; column != 20; column++) {
            uint16_t cell = ((uint16_t)row << 5) + column;
            BACKGROUND_MAP[cell] = title_tiles[at];
            if (is_color) {
                VBK = 1;
                BACKGROUND_MAP[cell] = title_palettes[at];
                VBK = 0;
            }
            at++;
        }
    }
    SCY = 0;
    prompt = prompt_shown = 0;
    start(TITLE);
}

void blink_prompt(uint8_t visible) {
    prompt = visible;
}

void show_valley(uint8_t first_column) {
    uint8_t column;
    uint16_t at;
    __asm__("di");
    lcd_off();
    load_palettes();
    copy(VRAM + 0x800, game_tile_data, sizeof game_tile_data);
    copy(VRAM + ((uint16_t)BOX_TILES << 4), frame_data, sizeof frame_data);
    copy(BACKGROUND_MAP, far_tiles, 256);
    if (is_color) {
        VBK = 1;
        copy(BACKGROUND_MAP, far_palettes, 256);
        /* The box has the color of wood. */
        for (at = 0; at != 160; at++) WINDOW_MAP[at] = 3;
        VBK = 0;
    }
    for (column = first_column; column != first_column + 24; column++) {
        queued_column = column;
        copy_column();
    }
    WX = 7;
    WY = BOX_TOP;
    start(VALLEY);
}

void scroll_to(uint16_t camera) {
    static uint16_t drift;
    drift++;
    __asm__("di");
    cloud_scroll = (uint8_t)(camera >> 5) + (uint8_t)(drift >> 3);
    hill_scroll = (uint8_t)(camera >> 3);
    lake_scroll = (uint8_t)(camera >> 2) + (uint8_t)(drift >> 2);
    land_scroll = (uint8_t)camera;
    __asm__("ei");
}

void stream_column(uint8_t column) {
    if (column < LEVEL_WIDTH) {
        queued_column = column;
        column_queued = 1;
    }
}

void show_objects(void) {
    objects_ready = 1;
}

void clear_objects(void) {
    uint8_t i;
    objects_ready = 0;
    for (i = 0; i != 160; i += 4) shadow_objects[i] = 0;
    next_object = 0;
}

void put_object(int16_t x, int16_t y, uint8_t tile, uint8_t attributes) {
    volatile uint8_t *entry;
    if (x <= -8 || x >= 160 || y <= -16 || y >= 144 || next_object >= 160) return;
    entry = shadow_objects + next_object;
    entry[0] = (uint8_t)(y + 16);
    entry[1] = (uint8_t)(x + 8);
    entry[2] = tile;
    entry[3] = attributes;
    next_object += 4;
}

void put_pair(int16_t x, int16_t y, uint8_t tile, uint8_t attributes) {
    uint8_t left = attributes & OBJECT_FLIP ? tile + 2 : tile;
    put_object(x, y, left, attributes);
    put_object(x + 8, y, tile + tile + 2 - left, attributes);
}

/* Outside modes 2 and 3, which leave time for the write itself. */
static void put_cell(uint8_t row, uint8_t column, uint8_t tile) {
    volatile uint8_t *cell = WINDOW_MAP + ((uint16_t)row << 5) + column;
    __asm__("di");
    while (STAT & 2);
    *cell = tile;
    __asm__("ei");
}

void open_box(uint8_t message) {
    uint8_t row, column, i;
    letters = messages + message_starts[message];
    letter_x = letter_y = 1;
    slots_used = 0;
    for (i = 0; i != 64; i++) glyph_slots[i] = 255;
    for (row = 0; row != 5; row++) {
        uint8_t tile = BOX_TILES + (row == 0 ? 0 : row == 4 ? 6 : 3);
        for (column = 0; column != 20; column++) {
            put_cell(row, column, column == 0 ? tile : column == 19 ? tile + 2 : tile + 1);
        }
    }
    box_open = 1;
}

uint8_t say(void) {
    uint8_t letter;
    if (letter_pending) return 1;
    letter = *letters;
    if (letter == 255) return 0;
    /* The one before has been drawn. */
    letters++;
    if (letter == 254) {
        letter_x = 0;
        letter_y++;
    } else if (letter != 253) {
        pending_is_new = glyph_slots[letter] == 255;
        if (pending_is_new) glyph_slots[letter] = slots_used++;
        pending_slot = glyph_slots[letter];
        pending_glyph = letter;
        letter_pending = 1;
        wait_frame();
    }
    letter_x++;
    return 1;
}

void close_box(void) {
    box_open = 0;
}
