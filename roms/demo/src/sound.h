#ifndef SOUND_H
#define SOUND_H

typedef enum { COIN_SOUND, JUMP_SOUND, STOMP_SOUND, SPLASH_SOUND, TALK_SOUND } Effect;

void start_sound(void);
/* Once a frame. */
void play_music(void);
void play_effect(Effect effect);

#endif
