/* rounds N: N times fork, exec, exit and wait, 200 signals to itself, a pipe filled and emptied, a mapping made, touched and unmapped. */
#include "tiny.h"

static volatile i64 hits;
static u8 block[65536];
static void on_signal(int number) { hits++; }
static char *child_argv[] = {"rounds", "--child", 0};

int main(int argc, char **argv, char **environment)
{
    static struct { void (*handler)(int); u64 flags, mask; } action = {on_signal, 0, 0};
    if (argc != 2) return 2;
    if (equal(argv[1], "--child")) return 42;
    i64 pid = CALL(NR_getpid), rounds = parse_number(argv[1]);
    CALL(NR_rt_sigaction, SIGUSR1, &action, 0, 8);
    for (i64 round = 0; round < rounds; round++) {
        i64 child = fork();
        if (child == 0) leave(-CALL(NR_execve, "/proc/self/exe", child_argv, environment));
        int ends[2];
        if (CALL(NR_pipe2, ends, 0) || CALL(NR_write, ends[1], block, 65536) != 65536 || CALL(NR_read, ends[0], block, 65536) != 65536) return 3;
        CALL(NR_close, ends[0]), CALL(NR_close, ends[1]);
        u8 *area = (u8 *)CALL(NR_mmap, 0, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if ((u64)area > -4096UL) return 4;
        for (u64 at = 0; at < 1 << 16; at += 4096) area[at] = 1;
        CALL(NR_munmap, area, 1 << 16);
        hits = 0;
        for (int i = 0; i < 200; i++) CALL(NR_kill, pid, SIGUSR1);
        if (hits != 200) return 5;
        if (wait_for(child) >> 8 != 42) return 6;
    }
    say_number(rounds), say(" rounds\n");
    return 0;
}
