/* rounds N: N times fork, exec, exit and wait, 200 signals to itself, a pipe filled and emptied, a mapping made, touched and unmapped, sockets
 * of all kinds with descriptors in messages that are read or lost, a connection accepted and one that never is, a question to netlink. */
#include "tiny.h"

static volatile i64 hits;
static u8 block[65536];
static void on_signal(int number) { hits++; }
static char *child_argv[] = {"rounds", "--child", 0};

enum { NR_socket = 198, NR_socketpair = 199, NR_bind = 200, NR_listen = 201, NR_accept = 202, NR_connect = 203, NR_sendto = 206, NR_sendmsg = 211, NR_recvmsg = 212 };
static struct { u64 length; int level, type, fds[2]; } control;
static struct { void *base; u64 size; } vector = {block, 5000};
static i64 message(i64 number, i64 fd) /* with, or for, two descriptors */
{
    struct { void *name; u64 namelen; void *iov; u64 iovlen; void *control; u64 controllen; int flags; } m = {0, 0, &vector, 1, &control, 24, 0};
    return CALL(number, fd, &m, 0);
}
static void give(i64 fd, int one, int other) { control.length = 24, control.level = 1, control.type = 1, control.fds[0] = one, control.fds[1] = other; message(NR_sendmsg, fd); }
static int sockets(void)
{
    static struct { unsigned short family; char path[8]; } name = {1, "\0rounds"};
    static struct { unsigned length; unsigned short type, flags; unsigned sequence, port; u8 body[16]; } question = {32, 18, 0x301, 1, 0, {0}};
    for (int type = 1; type <= 5; type++) {
        int outer[2], inner[2];
        if (type == 3 || type == 4) continue;
        if (CALL(NR_socketpair, 1, type, 0, outer) || CALL(NR_socketpair, 1, 1, 0, inner)) return 1;
        give(outer[0], inner[0], inner[1]), give(outer[0], inner[1], outer[0]), give(inner[0], inner[0], outer[0]);
        CALL(NR_close, inner[0]), CALL(NR_close, inner[1]);
        if (message(NR_recvmsg, outer[1]) != 5000) return 2;
        CALL(NR_close, control.fds[0]), CALL(NR_close, control.fds[1]);
        CALL(NR_close, outer[0]), CALL(NR_close, outer[1]); /* one message is lost, with a socket in which another one is */
    }
    i64 listener = CALL(NR_socket, 1, 1, 0), first = CALL(NR_socket, 1, 1, 0), second = CALL(NR_socket, 1, 1, 0), route = CALL(NR_socket, 16, 3, 0);
    if (CALL(NR_bind, listener, &name, 9) || CALL(NR_listen, listener, 4) || CALL(NR_connect, first, &name, 9) || CALL(NR_connect, second, &name, 9)) return 3;
    give(second, first, second);
    i64 accepted = CALL(NR_accept, listener, 0, 0);
    if (accepted < 0 || CALL(NR_sendto, route, &question, 32, 0, 0, 0) != 32 || CALL(NR_read, route, block, 65536) < 64) return 4;
    CALL(NR_close, listener), CALL(NR_close, first), CALL(NR_close, second), CALL(NR_close, accepted), CALL(NR_close, route);
    return 0;
}

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
        if (sockets()) return 7;
    }
    say_number(rounds), say(" rounds\n");
    return 0;
}
