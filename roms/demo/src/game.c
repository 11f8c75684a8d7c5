#include "game.h"

#include "data.h"
#include "hardware.h"
#include "sound.h"
#include "video.h"

/* Positions are sixteenths of a dot; heights are counted from the band's top, 64 dots down. */
#define DOT 16
/* A division would take a call: the shift keeps the sign. */
#define TO_DOTS(position) ((position) >> 4)
#define BAND_TOP 64
#define PLAYER_WIDTH 16
#define PLAYER_HEIGHT 25
#define WALK_SPEED 24
#define ACCELERATION 2
#define GRAVITY 3
#define JUMP_SPEED 60
#define BOUNCE_SPEED 40
#define FALL_LIMIT 64
#define VALLEY_DOTS (LEVEL_WIDTH * 8)
#define CAMERA_LIMIT (VALLEY_DOTS - 160)
#define CAMERA_SPEED 3
#define DROWNED (88 * DOT)
#define DEMONSTRATION_FRAMES 3600
#define ALL_FOUND 5

enum { HEAD_PALETTE, COAT_PALETTE, COIN_PALETTE, SLIME_PALETTE, ELDER_PALETTE, APRON_PALETTE, BUTTERFLY_PALETTE, BIRD_PALETTE };

static int16_t x, feet, speed_x, speed_y, safe_x, safe_feet;
static uint8_t facing_left, on_ground, hurt;
static uint16_t camera;
static uint8_t camera_column;
static uint8_t coin_taken[COIN_COLUMNS_COUNT], coins;
/* 0 alive, else frames until it is gone. */
static uint8_t slime_flat[SLIME_COLUMNS_COUNT];
static uint8_t slime_walked[SLIME_COLUMNS_COUNT], slime_turned[SLIME_COLUMNS_COUNT];
static uint16_t time;
static int16_t sparkle_x, sparkle_y;
static uint8_t sparkle;
uint8_t held, pressed;

static const int8_t flutter[16] = {0, 3, 5, 6, 7, 6, 5, 3, 0, -3, -5, -6, -7, -6, -5, -3};

void read_buttons(void) {
    uint8_t before = held, i;
    JOYP = 0x20;
    for (i = 0; i != 4; i++) held = (uint8_t)(~JOYP << 4);
    JOYP = 0x10;
    for (i = 0; i != 6; i++) held = (held & 0xF0) | (~JOYP & 0x0F);
    JOYP = 0x30;
    pressed = held & ~before;
}

static uint8_t column_at(int16_t dots) {
    return dots < 0 ? 0 : dots >= VALLEY_DOTS ? LEVEL_WIDTH - 1 : (uint8_t)((uint16_t)dots >> 3);
}

static uint8_t stands_on(uint8_t column, uint8_t row) {
    return surface[column] == row || (row < 8 && (platforms[column] >> row & 1));
}

/* Whether the land rises above the feet there. */
static uint8_t is_wall(uint8_t column) {
    return (int16_t)surface[column] << 7 < feet - 2 * DOT;
}

static void move_sideways(void) {
    int16_t next = x + speed_x;
    int16_t dots = TO_DOTS(next);
    if (next < 0 || dots > VALLEY_DOTS - PLAYER_WIDTH) {
        speed_x = 0;
        return;
    }
    if (is_wall(column_at(speed_x < 0 ? dots + 3 : dots + 12))) {
        speed_x = 0;
        return;
    }
    x = next;
}

static void land_on(uint8_t row, uint8_t column) {
    feet = (int16_t)row << 7;
    speed_y = 0;
    on_ground = 1;
    if (surface[column] == row && surface[column_at((TO_DOTS(x)) - 16)] < 20 && surface[column_at((TO_DOTS(x)) + 24)] < 20) {
        safe_x = x;
        safe_feet = feet;
    }
}

static void fall(void) {
    int16_t before = feet;
    uint8_t left = column_at(TO_DOTS(x) + 4), right = column_at(TO_DOTS(x) + 11);
    int16_t row;
    on_ground = 0;
    speed_y += GRAVITY;
    if (speed_y > FALL_LIMIT) speed_y = FALL_LIMIT;
    feet += speed_y;
    if (speed_y < 0 || feet < 0) return;
    row = feet >> 7;
    if (before > row << 7 || row > 9) return;
    if (stands_on(left, (uint8_t)row)) land_on((uint8_t)row, left);
    else if (stands_on(right, (uint8_t)row)) land_on((uint8_t)row, right);
}

static void drown(void) {
    play_effect(SPLASH_SOUND);
    x = safe_x;
    feet = safe_feet - 24 * DOT;
    speed_x = speed_y = 0;
    hurt = 60;
}

static void steer(uint8_t buttons) {
    if (buttons & BUTTON_RIGHT) {
        if (speed_x < WALK_SPEED) speed_x += ACCELERATION;
        facing_left = 0;
    } else if (buttons & BUTTON_LEFT) {
        if (speed_x > -WALK_SPEED) speed_x -= ACCELERATION;
        facing_left = 1;
    } else if (speed_x > 0) {
        speed_x -= ACCELERATION;
        if (speed_x < 0) speed_x = 0;
    } else if (speed_x < 0) {
        speed_x += ACCELERATION;
        if (speed_x > 0) speed_x = 0;
    }
}

static void move_player(uint8_t buttons, uint8_t newly) {
    steer(buttons);
    if (on_ground && newly & BUTTON_A) {
        speed_y = -JUMP_SPEED;
        play_effect(JUMP_SOUND);
    }
    /* Letting go of A cuts the jump short. */
    if (speed_y < -20 && !(buttons & BUTTON_A)) speed_y = -20;
    if (speed_x) move_sideways();
    fall();
    if (feet > DROWNED) drown();
    if (hurt) hurt--;
}

static uint8_t is_near(int16_t dots, int16_t reach) {
    int16_t distance = TO_DOTS(x) - dots;
    return distance < reach && distance > -reach;
}

static void take_coins(void) {
    uint8_t i;
    int16_t middle = TO_DOTS(feet) - PLAYER_HEIGHT / 2;
    uint8_t column = column_at(TO_DOTS(x));
    for (i = 0; i != COIN_COLUMNS_COUNT; i++) {
        int16_t at, height;
        if ((uint8_t)(coin_columns[i] - column + 2) > 5) continue;
        at = (int16_t)coin_columns[i] << 3;
        height = coin_heights[i];
        if (coin_taken[i] || !is_near(at - 4, 12)) continue;
        if (height - middle < 18 && middle - height < 18) {
            coin_taken[i] = 1;
            coins++;
            sparkle = 16;
            sparkle_x = at;
            sparkle_y = height - 8;
            play_effect(COIN_SOUND);
        }
    }
}

static void move_slimes(void) {
    uint8_t i;
    if (!(time & 1)) return;
    for (i = 0; i != SLIME_COLUMNS_COUNT; i++) {
        if (slime_flat[i]) continue;
        if (slime_turned[i]) {
            if (!--slime_walked[i]) slime_turned[i] = 0;
        } else if (++slime_walked[i] == slime_ranges[i] << 3) slime_turned[i] = 1;
    }
}

static int16_t slime_x(uint8_t i) {
    return ((int16_t)slime_columns[i] << 3) + slime_walked[i];
}

static void meet_slimes(void) {
    uint8_t i;
    for (i = 0; i != SLIME_COLUMNS_COUNT; i++) {
        int16_t at, top;
        if (slime_flat[i]) {
            if (slime_flat[i] > 1) slime_flat[i]--;
            continue;
        }
        at = slime_x(i);
        if (!is_near(at, 13)) continue;
        top = ((int16_t)surface[column_at(at + 8)] << 3) - 11;
        if (TO_DOTS(feet) < top) continue;
        if (speed_y > 0 && TO_DOTS(feet) < top + 8) {
            slime_flat[i] = 40;
            speed_y = -BOUNCE_SPEED;
            play_effect(STOMP_SOUND);
        } else if (!hurt) {
            speed_x = is_near(at - 8, 8) ? -30 : 30;
            speed_y = -36;
            hurt = 60;
            play_effect(SPLASH_SOUND);
        }
    }
}

static void move_camera(void) {
    int16_t target = TO_DOTS(x) - 68 + (facing_left ? -8 : 8);
    uint8_t column;
    if (target < 0) target = 0;
    if (target > CAMERA_LIMIT) target = CAMERA_LIMIT;
    if (target > (int16_t)camera + CAMERA_SPEED) camera += CAMERA_SPEED;
    else if (target < (int16_t)camera - CAMERA_SPEED) camera -= CAMERA_SPEED;
    else camera = target;
    column = (uint8_t)(camera >> 3);
    if (column > camera_column) stream_column(column + 22);
    else if (column < camera_column) stream_column(column - 2);
    camera_column = column;
    scroll_to(camera);
}

static void draw_player(void) {
    int16_t left = TO_DOTS(x) - (int16_t)camera, bottom = TO_DOTS(feet) + BAND_TOP;
    uint8_t flip = facing_left ? OBJECT_FLIP : 0;
    uint8_t body = STAND;
    if (hurt & 4) return;
    if (!on_ground) body = speed_y < 0 ? JUMP : FALL;
    else if (speed_x) {
        switch (x >> 7 & 3) {
        case 0: body = WALK_A; break;
        case 2: body = WALK_B; break;
        }
    }
    put_pair(left, bottom - PLAYER_HEIGHT, (time & 0x7F) < 6 ? HEAD_BLINK : HEAD, flip | HEAD_PALETTE);
    put_pair(left, bottom - 10, body, flip | COAT_PALETTE);
}

static void draw_villager(uint8_t column, uint8_t head) {
    int16_t left = ((int16_t)column << 3) - (int16_t)camera;
    uint8_t flip = is_near((int16_t)column << 3, 200) && TO_DOTS(x) < (int16_t)column << 3 ? OBJECT_FLIP : 0;
    uint8_t nod = (time >> 5) & 1;
    if (left < -16 || left > 160) return;
    put_pair(left, BAND_TOP + 48 - 25 + nod, head, flip | ELDER_PALETTE);
    put_pair(left, BAND_TOP + 48 - 10, VILLAGER_BODY, flip | APRON_PALETTE);
}

static void draw_number(int16_t left, uint8_t value) {
    uint8_t tens = 0;
    while (value >= 10) {
        value -= 10;
        tens++;
    }
    put_object(left, 4, DIGIT_0 + (tens << 1), BIRD_PALETTE);
    put_object(left + 7, 4, DIGIT_0 + (value << 1), BIRD_PALETTE);
}

static void draw_counter(void) {
    put_object(5, 2, COIN, COIN_PALETTE);
    draw_number(16, coins);
    put_object(30, 4, DIGIT_SLASH, BIRD_PALETTE);
    draw_number(37, COIN_COLUMNS_COUNT);
}

static void draw_coins(void) {
    uint8_t i;
    uint8_t turn = time >> 3 & 3;
    uint8_t tile = turn == 0 ? COIN : turn == 2 ? COIN_EDGE : COIN_TURN;
    uint8_t flip = turn == 3 ? OBJECT_FLIP : 0;
    for (i = 0; i != COIN_COLUMNS_COUNT; i++) {
        if (!coin_taken[i] && (uint8_t)(coin_columns[i] - camera_column + 1) < 23) {
            put_object(((int16_t)coin_columns[i] << 3) - (int16_t)camera, BAND_TOP - 8 + coin_heights[i], tile, flip | COIN_PALETTE);
        }
    }
    if (sparkle) {
        sparkle--;
        put_object(sparkle_x - (int16_t)camera, BAND_TOP + sparkle_y, sparkle > 8 ? SPARKLE : SPARKLE_OUT, COIN_PALETTE);
    }
}

static void draw_creatures(void) {
    uint8_t i;
    for (i = 0; i != SLIME_COLUMNS_COUNT; i++) {
        int16_t at = slime_x(i);
        uint8_t tile = slime_flat[i] ? SLIME_FLAT : time >> 4 & 1 ? SLIME : SLIME_LOW;
        if (slime_flat[i] == 1) continue;
        put_pair(at - (int16_t)camera, BAND_TOP - 16 + ((int16_t)surface[column_at(at + 8)] << 3), tile, SLIME_PALETTE);
    }
    for (i = 0; i != BUTTERFLY_COLUMNS_COUNT; i++) {
        uint8_t phase = (uint8_t)(time >> 3) + (i << 2);
        int16_t at = ((int16_t)butterfly_columns[i] << 3) + flutter[phase >> 1 & 15] * 2;
        put_object(at - (int16_t)camera, BAND_TOP - 8 + butterfly_heights[i] + flutter[phase & 15], time >> 2 & 1 ? BUTTERFLY : BUTTERFLY_SHUT, BUTTERFLY_PALETTE);
    }
    for (i = 0; i != BIRD_COLUMNS_COUNT; i++) {
        /* Birds are far away: they pass at half the land's speed. */
        int16_t at = ((int16_t)bird_columns[i] << 3) + (int16_t)((time >> 1) & 0x1FF) - 100 - (int16_t)(camera >> 1);
        put_pair(at - (int16_t)(camera >> 2), 22 + (i << 2) + (flutter[(time >> 4) + i & 15] >> 1), time >> 3 & 1 ? BIRD : BIRD_DOWN, BIRD_PALETTE);
    }
}

static void draw(void) {
    clear_objects();
    draw_player();
    draw_counter();
    draw_villager(ELDER_COLUMN, ELDER_HEAD);
    draw_villager(GIRL_COLUMN, GIRL_HEAD);
    draw_coins();
    draw_creatures();
    show_objects();
}

static void next_frame(void) {
    wait_frame();
    fade_in();
    play_music();
    read_buttons();
    time++;
}

static void talk(uint8_t message) {
    open_box(message);
    while (say()) {
        if (time & 1) play_effect(TALK_SOUND);
        next_frame();
    }
    do next_frame();
    while (!(pressed & (BUTTON_A | BUTTON_B | BUTTON_START)));
    close_box();
}

static void look_around(void) {
    uint8_t i;
    if (!(pressed & BUTTON_UP) || !on_ground) return;
    if (is_near((int16_t)ELDER_COLUMN << 3, 20)) talk(0);
    else if (is_near((int16_t)GIRL_COLUMN << 3, 20)) talk(1);
    for (i = 0; i != SIGN_COLUMNS_COUNT; i++) {
        if (is_near((int16_t)sign_columns[i] << 3, 22)) talk(2 + i);
    }
}

/* Walks to the right, and jumps over what is in the way. */
static uint8_t steer_by_itself(void) {
    int16_t dots = TO_DOTS(x);
    uint8_t here = column_at(dots + 8), ahead = column_at(dots + 24), row = (uint8_t)(feet >> 7), i;
    uint8_t jump = 0;
    if (surface[ahead] < row) jump = 1;
    if (surface[ahead] > 9 && !stands_on(ahead, row)) jump = 1;
    for (i = 0; i != SLIME_COLUMNS_COUNT; i++) {
        int16_t distance = slime_x(i) - dots;
        if (!slime_flat[i] && distance > 0 && distance < 36) jump = 1;
    }
    for (i = 0; i != COIN_COLUMNS_COUNT; i++) {
        if (!coin_taken[i] && coin_columns[i] == here + 2 && coin_heights[i] + 20 < TO_DOTS(feet)) jump = 1;
    }
    return BUTTON_RIGHT | (jump || !on_ground ? BUTTON_A : 0);
}

static void reset_game(void) {
    uint8_t i;
    x = 24 * DOT;
    feet = safe_feet = 48 * DOT;
    safe_x = x;
    speed_x = speed_y = 0;
    facing_left = hurt = coins = sparkle = 0;
    on_ground = 1;
    camera = camera_column = 0;
    for (i = 0; i != COIN_COLUMNS_COUNT; i++) coin_taken[i] = 0;
    for (i = 0; i != SLIME_COLUMNS_COUNT; i++) slime_flat[i] = slime_walked[i] = slime_turned[i] = 0;
}

void play_game(Pilot pilot) {
    uint16_t left = DEMONSTRATION_FRAMES;
    uint8_t buttons, newly;
    reset_game();
    show_valley(0);
    while (1) {
        draw();
        next_frame();
        if (pilot == DEMONSTRATION) {
            buttons = steer_by_itself();
            newly = on_ground ? buttons : 0;
            if (pressed || !--left || TO_DOTS(x) > VALLEY_DOTS - 40) return;
        } else {
            buttons = held;
            newly = pressed;
            look_around();
        }
        move_player(buttons, newly);
        take_coins();
        move_slimes();
        meet_slimes();
        move_camera();
        if (pilot == PERSON && coins == COIN_COLUMNS_COUNT && on_ground) {
            talk(ALL_FOUND);
            return;
        }
    }
}
