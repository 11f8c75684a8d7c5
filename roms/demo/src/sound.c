#include "sound.h"

#include "data.h"
#include "hardware.h"

#define STEP_FRAMES 8
#define REST 254
#define HOLD 255

static uint8_t step, countdown, effect_frames;

void start_sound(void) {
    uint8_t i;
    NR52 = 0x80;
    NR50 = 0x55;
    NR51 = 0xDE; /* the lead to the left, the second voice to the right */
    NR30 = 0x00;
    for (i = 0; i != 16; i++) WAVE_RAM[i] = i < 8 ? 0x22 * i + 0x11 : 0xFF - 0x22 * (i - 8);
    step = 0;
    countdown = 1;
}

static void play_lead(uint8_t note) {
    uint16_t period;
    if (note == HOLD) return;
    if (note == REST) {
        NR12 = 0x08;
        NR14 = 0x80;
        return;
    }
    period = note_periods[note];
    NR10 = 0x00;
    NR11 = 0x80;
    NR12 = 0x74;
    NR13 = (uint8_t)period;
    NR14 = 0x80 | (uint8_t)(period >> 8);
}

static void play_second(uint8_t note) {
    uint16_t period;
    if (note >= REST || effect_frames) return;
    period = note_periods[note];
    NR21 = 0x40;
    NR22 = 0x42;
    NR23 = (uint8_t)period;
    NR24 = 0x80 | (uint8_t)(period >> 8);
}

static void play_bass(uint8_t note) {
    uint16_t period;
    if (note == HOLD) return;
    if (note == REST) {
        NR30 = 0x00;
        return;
    }
    /* The wave channel's 32 samples a period make it sound an octave lower. */
    period = note_periods[note + 12];
    NR30 = 0x80;
    NR32 = 0x40;
    NR33 = (uint8_t)period;
    NR34 = 0x80 | (uint8_t)(period >> 8);
}

static void play_drum(void) {
    if ((step & 3) == 0) {
        NR42 = step & 4 ? 0x51 : 0x31;
        NR43 = step & 4 ? 0x33 : 0x55;
        NR44 = 0x80;
    }
}

void play_music(void) {
    if (effect_frames) effect_frames--;
    if (--countdown) return;
    countdown = STEP_FRAMES;
    play_lead(lead_steps[step]);
    play_second(second_steps[step]);
    play_bass(bass_steps[step]);
    play_drum();
    /* The tune has 256 steps: the counter begins again by itself. */
    step++;
}

static void tone(uint8_t duty, uint8_t envelope, uint16_t period, uint8_t length) {
    NR21 = duty;
    NR22 = envelope;
    NR23 = (uint8_t)period;
    NR24 = 0x80 | (uint8_t)(period >> 8);
    effect_frames = length;
}

void play_effect(Effect effect) {
    switch (effect) {
    case COIN_SOUND:
        tone(0x80, 0xA3, 1985, 16);
        break;
    case JUMP_SOUND:
        tone(0x40, 0x71, 1750, 8);
        break;
    case TALK_SOUND:
        tone(0x00, 0x41, 1900, 3);
        break;
    case STOMP_SOUND:
        NR42 = 0xA2;
        NR43 = 0x46;
        NR44 = 0x80;
        break;
    default:
        NR42 = 0x94;
        NR43 = 0x32;
        NR44 = 0x80;
    }
}
