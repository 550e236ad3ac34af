/* DOOM as a program of Scarlet and of Linux: doomgeneric on a framebuffer and evdev.

   doom [-frames N] [-talk] [options of DOOM]: with -frames the program ends after N pictures and says how long they took, for benchmarks
   and tests; with `-timedemo demo1` these are always the same pictures. What DOOM has to say while it starts is seen with -talk. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "platform.h"

#include "doomgeneric.h"

void I_AtExit(void (*function)(void), unsigned int run_on_error);

/* DOOM starts with a melting screen, which goes by the clock however fast the machine is: its pictures do not count. */
#define NOT_COUNTED 60

static long frames_wanted;
static long frames;
static int report = 1;
static uint32_t first_ms;

static struct timespec started;

uint32_t ticks_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - started.tv_sec) * 1000 + (now.tv_nsec - started.tv_nsec) / 1000000;
}

void frame_shown(void)
{
    if (frames_wanted == 0 || ++frames < NOT_COUNTED)
        return;
    if (frames == NOT_COUNTED)
        first_ms = ticks_ms();
    if (frames < NOT_COUNTED + frames_wanted)
        return;
    dprintf(report, "frames %ld ms %u\n", frames_wanted, ticks_ms() - first_ms);
    screen_close();
    keys_close();
    _Exit(0);
}

static void sleep_ms(uint32_t ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000L};

    nanosleep(&time, NULL);
}

static void no_picture(void) {}
static void no_title(const char *title) {}

/* DOOM's own ways out leave the program running; these come after everything else that happens at the end. */
static void leave(void)
{
    exit(0);
}

/* The reason is on standard error already. */
static void give_up(void)
{
    screen_close();
    keys_close();
    _Exit(1);
}

static void ended(int signal)
{
    screen_close();
    keys_close();
    _Exit(128 + signal);
}

int main(int argc, char **argv)
{
    int i, talk = 0;

    for (i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-frames") == 0 && i + 1 < argc)
            frames_wanted = atol(argv[i + 1]);
        if (strcmp(argv[i], "-talk") == 0)
            talk = 1;
    }
    report = dup(1);
    if (talk)
        setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* what was said last is seen, however it ends */
    else
        freopen("/dev/null", "w", stdout);
    signal(SIGTERM, ended);
    signal(SIGINT, ended);
    signal(SIGHUP, ended);
    clock_gettime(CLOCK_MONOTONIC, &started);
    I_AtExit(give_up, 1);
    I_AtExit(leave, 0); /* the last of these comes first */
    dg_Create(320, 200, no_picture, sleep_ms, ticks_ms, keys_next, no_title);
    dg_main(argc, argv);
    return 0;
}
