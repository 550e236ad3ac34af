/* DOOM's keys from evdev: presses and releases, whatever the terminal thinks of them. */

#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "platform.h"

/* DOOM's names for keys are those of linux/input.h with other numbers. */
enum {
    DOOM_RIGHT = 0xae, DOOM_LEFT = 0xac, DOOM_UP = 0xad, DOOM_DOWN = 0xaf, DOOM_STRAFE_LEFT = 0xa0, DOOM_STRAFE_RIGHT = 0xa1,
    DOOM_USE = 0xa2, DOOM_FIRE = 0xa3, DOOM_ESCAPE = 27, DOOM_ENTER = 13, DOOM_TAB = 9, DOOM_BACKSPACE = 0x7f, DOOM_PAUSE = 0xff,
    DOOM_SHIFT = 0x80 + 0x36, DOOM_ALT = 0x80 + 0x38, DOOM_F1 = 0x80 + 0x3b, DOOM_F11 = 0x80 + 0x57, DOOM_F12 = 0x80 + 0x58,
};

#define MOST_DEVICES 8
static int devices[MOST_DEVICES];
static int count;

static int has_key(int device, int code)
{
    unsigned char keys[KEY_MAX / 8 + 1] = {0};

    return ioctl(device, EVIOCGBIT(EV_KEY, sizeof keys), keys) >= 0 && keys[code / 8] >> code % 8 & 1;
}

/* Listen to a device if it has the keys of a keyboard; 0 when there is no such device. */
static int add(const char *path, int checked)
{
    int device = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

    if (device < 0)
        return errno != ENOENT;
    if (count == MOST_DEVICES || (checked && !has_key(device, KEY_ENTER))) {
        close(device);
        return 1;
    }
    ioctl(device, EVIOCGRAB, 1); /* so that the shell behind the picture does not read what is played */
    devices[count++] = device;
    return 1;
}

void keys_open(void)
{
    const char *only = getenv("DOOM_KEYS");
    char path[32];
    int number = 0;

    if (only) {
        add(only, 0);
        return;
    }
    do
        snprintf(path, sizeof path, "/dev/input/event%d", number++);
    while (add(path, 1));
    if (count == 0)
        fprintf(stderr, "doom: there is no keyboard (/dev/input/event*)\n");
}

void keys_close(void)
{
    while (count > 0)
        close(devices[--count]);
}

static unsigned char translated(int code)
{
    static const char letters[] = "qwertyuiop[]\0\0asdfghjkl;'`\0\\zxcvbnm,./";

    switch (code) {
    case KEY_UP: case KEY_W: return code == KEY_W ? 'w' : DOOM_UP;
    case KEY_DOWN: return DOOM_DOWN;
    case KEY_LEFT: return DOOM_LEFT;
    case KEY_RIGHT: return DOOM_RIGHT;
    case KEY_LEFTCTRL: case KEY_RIGHTCTRL: return DOOM_FIRE;
    case KEY_SPACE: return DOOM_USE;
    case KEY_LEFTSHIFT: case KEY_RIGHTSHIFT: return DOOM_SHIFT;
    case KEY_LEFTALT: case KEY_RIGHTALT: return DOOM_ALT;
    case KEY_COMMA: return DOOM_STRAFE_LEFT;
    case KEY_DOT: return DOOM_STRAFE_RIGHT;
    case KEY_ENTER: case KEY_KPENTER: return DOOM_ENTER;
    case KEY_ESC: return DOOM_ESCAPE;
    case KEY_TAB: return DOOM_TAB;
    case KEY_BACKSPACE: return DOOM_BACKSPACE;
    case KEY_PAUSE: return DOOM_PAUSE;
    case KEY_MINUS: case KEY_KPMINUS: return '-';
    case KEY_EQUAL: case KEY_KPPLUS: return '=';
    case KEY_0: return '0';
    case KEY_F11: return DOOM_F11;
    case KEY_F12: return DOOM_F12;
    }
    if (code >= KEY_1 && code <= KEY_9)
        return '1' + code - KEY_1;
    if (code >= KEY_F1 && code <= KEY_F10)
        return DOOM_F1 + code - KEY_F1;
    if (code >= KEY_Q && code <= KEY_SLASH)
        return letters[code - KEY_Q];
    return 0;
}

/* The next key that went down or came up; 0 when there is none. A key that repeats did neither. */
int keys_next(int *pressed, unsigned char *key)
{
    struct input_event event;
    int i;

    for (i = 0; i < count; i++)
        while (read(devices[i], &event, sizeof event) == sizeof event)
            if (event.type == EV_KEY && event.value != 2 && translated(event.code)) {
                *pressed = event.value;
                *key = translated(event.code);
                return 1;
            }
    return 0;
}
