#ifndef GAME_H
#define GAME_H

#include <stdint.h>

/* Who moves the player. */
typedef enum { PERSON, DEMONSTRATION } Pilot;

/* Plays until all coins are home, or until the demonstration ends. */
void play_game(Pilot pilot);

/* The buttons that are down, and those that went down since the frame before. */
extern uint8_t held, pressed;
void read_buttons(void);

#endif
