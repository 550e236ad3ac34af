/* smallfiles: what many small files cost, a file, in microseconds.
 * smallfiles NAME DIR COUNT        makes, stats, reads, renames and removes COUNT files of 1 KiB in DIR, three times; the medians as lines of
 *                                  rvbench's form: NAME_create, NAME_stat ...
 * smallfiles NAME DIR COUNT keep   only makes them, in directories of 50, and prints nothing */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
enum { SIZE = 1024, PHASES = 6, ROUNDS = 3, PER_DIRECTORY = 50 };
static const char *phases[PHASES] = { "create", "stat", "read", "rename", "remove", "mkdir_rmdir" };
static char data[SIZE], path[512], other[512];
static double now(void) { struct timespec t; syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t); return t.tv_sec * 1e6 + t.tv_nsec / 1e3; }
static void need(int good, const char *what) { if (!good) { perror(what); exit(1); } }

static void make(const char *name)
{
    int f = open(name, O_WRONLY | O_CREAT | O_EXCL, 0644);
    need(f >= 0, name);
    need(write(f, data, SIZE) == SIZE, "write");
    close(f);
}

static void fetch(const char *name)
{
    int f = open(name, O_RDONLY);
    need(f >= 0, name);
    need(read(f, data, SIZE) == SIZE, "read");
    close(f);
}

static void step(int phase, const char *dir, int i)
{
    struct stat status;
    snprintf(path, sizeof path, "%s/file-%d", dir, i);
    snprintf(other, sizeof other, "%s/renamed-%d", dir, i);
    switch (phase) {
    case 0: make(path); break;
    case 1: need(stat(path, &status) == 0, path); break;
    case 2: fetch(path); break;
    case 3: need(rename(path, other) == 0, path); break;
    case 4: need(unlink(other) == 0, other); break;
    case 5: need(mkdir(path, 0755) == 0 && rmdir(path) == 0, path); break;
    }
}

static int ascending(const void *a, const void *b) { double x = *(double *)a, y = *(double *)b; return (x > y) - (x < y); }

int main(int c, char **v)
{
    static double times[PHASES][ROUNDS];
    if (c < 4) return 2;
    const char *name = v[1], *dir = v[2];
    int count = atoi(v[3]);
    memset(data, 0x5a, SIZE);
    need(mkdir(dir, 0755) == 0, dir);
    if (c > 4) {
        for (int i = 0; i < count; i++) {
            snprintf(other, sizeof other, "%s/directory-%d", dir, i / PER_DIRECTORY);
            if (i % PER_DIRECTORY == 0) need(mkdir(other, 0755) == 0, other);
            snprintf(path, sizeof path, "%s/file-%d", other, i);
            make(path);
        }
        return 0;
    }
    for (int round = 0; round < ROUNDS; round++)
        for (int phase = 0; phase < PHASES; phase++) {
            double start = now();
            for (int i = 0; i < count; i++) step(phase, dir, i);
            times[phase][round] = (now() - start) / count;
        }
    for (int phase = 0; phase < PHASES; phase++) {
        qsort(times[phase], ROUNDS, sizeof(double), ascending);
        printf("%s_%s %.2f us\n", name, phases[phase], times[phase][ROUNDS / 2]);
    }
    return rmdir(dir);
}
