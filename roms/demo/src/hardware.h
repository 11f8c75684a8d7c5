/* The registers of the console, by the names of Pan Docs. */
#ifndef HARDWARE_H
#define HARDWARE_H

#include <stdint.h>

#define REGISTER(address) (*(volatile uint8_t *)(address))

#define JOYP REGISTER(0xFF00)
#define DIV REGISTER(0xFF04)
#define IF REGISTER(0xFF0F)
#define NR10 REGISTER(0xFF10)
#define NR11 REGISTER(0xFF11)
#define NR12 REGISTER(0xFF12)
#define NR13 REGISTER(0xFF13)
#define NR14 REGISTER(0xFF14)
#define NR21 REGISTER(0xFF16)
#define NR22 REGISTER(0xFF17)
#define NR23 REGISTER(0xFF18)
#define NR24 REGISTER(0xFF19)
#define NR30 REGISTER(0xFF1A)
#define NR32 REGISTER(0xFF1C)
#define NR33 REGISTER(0xFF1D)
#define NR34 REGISTER(0xFF1E)
#define NR42 REGISTER(0xFF21)
#define NR43 REGISTER(0xFF22)
#define NR44 REGISTER(0xFF23)
#define NR50 REGISTER(0xFF24)
#define NR51 REGISTER(0xFF25)
#define NR52 REGISTER(0xFF26)
#define WAVE_RAM ((volatile uint8_t *)0xFF30)
#define LCDC REGISTER(0xFF40)
#define STAT REGISTER(0xFF41)
#define SCY REGISTER(0xFF42)
#define SCX REGISTER(0xFF43)
#define LY REGISTER(0xFF44)
#define LYC REGISTER(0xFF45)
#define BGP REGISTER(0xFF47)
#define OBP0 REGISTER(0xFF48)
#define OBP1 REGISTER(0xFF49)
#define WY REGISTER(0xFF4A)
#define WX REGISTER(0xFF4B)
#define VBK REGISTER(0xFF4F)
#define BCPS REGISTER(0xFF68)
#define BCPD REGISTER(0xFF69)
#define OCPS REGISTER(0xFF6A)
#define OCPD REGISTER(0xFF6B)
#define IE REGISTER(0xFFFF)

#define VRAM ((volatile uint8_t *)0x8000)
#define BACKGROUND_MAP ((volatile uint8_t *)0x9800)
#define WINDOW_MAP ((volatile uint8_t *)0x9C00)

#define BUTTON_A 0x01
#define BUTTON_B 0x02
#define BUTTON_SELECT 0x04
#define BUTTON_START 0x08
#define BUTTON_RIGHT 0x10
#define BUTTON_LEFT 0x20
#define BUTTON_UP 0x40
#define BUTTON_DOWN 0x80

#endif
