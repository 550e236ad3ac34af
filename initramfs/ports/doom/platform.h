/* What the parts of the DOOM port share. Screen, keys and clock are those of any Linux with a framebuffer and evdev. */

#ifndef PLATFORM_H
#define PLATFORM_H

#include <stdint.h>

/* The screen: /dev/fb0 (or $DOOM_FB). Opening ends the program with a message when there is none. */
void screen_open(void);
void screen_close(void);

/* The keys: every /dev/input/event device with a keyboard's keys (or $DOOM_KEYS). Without one DOOM runs its demos. */
void keys_open(void);
void keys_close(void);
int keys_next(int *pressed, unsigned char *key);

/* Milliseconds since the program started. */
uint32_t ticks_ms(void);

/* A frame was shown: counted for -frames. */
void frame_shown(void);

#endif
