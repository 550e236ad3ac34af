/* exhaust: takes all frames that there are, then all that the kernel gives for its objects, in as many processes as it takes. What cannot be
 * refused has to go on all the same: timers, signals and their handlers, stops, faults, the ends of processes and waiting for them. Says
 * what did not, then gives everything back. */
#include "tiny.h"
enum { PAGE = 4096, EATERS = 12, TURNS = 10000, ALARMS = 50, SIGALRM = 14, SIGCONT = 18, SIGSTOP = 19, WNOHANG = 1, WUNTRACED = 2, WCONTINUED = 8 };
enum { NR_yield = 124 };
struct shared { volatile u64 alarms, handled, eaters_done, objects; };
static struct shared *shared;
static struct { void (*handler)(int); u64 flags, mask; } action;

static void on_alarm(int number) { shared->alarms++; }
static void on_user(int number) { shared->handled++; }
static void on_fatal(int number) { *(volatile int *)8 = 1; }
static void handle(int number, void (*handler)(int)) { action.handler = handler, CALL(NR_rt_sigaction, number, &action, 0, 8); }
static void spin(void) { for (;;) CALL(NR_yield); }

static i64 child(void (*handler)(int), u64 interval_us)
{
    i64 pid = fork();
    if (pid) return pid;
    u64 interval[4] = {0, interval_us, 0, interval_us};
    volatile u8 stack[PAGE * 2]; /* its pages are there from now on */
    for (u64 i = 0; i < sizeof stack; i += PAGE) stack[i] = 1;
    if (handler) handle(SIGUSR1, handler);
    handle(SIGALRM, on_alarm);
    if (interval_us) CALL(NR_setitimer, 0, interval, 0);
    CALL(NR_kill, CALL(NR_getpid), SIGALRM); /* a handler has run before, and the page it needs is there */
    shared->eaters_done++;
    spin();
    return 0;
}
static void eat(void)
{
    int pair[2];
    shared->eaters_done++;
    while (shared->eaters_done < 1000) CALL(NR_yield); /* all are there: now */
    for (i64 misses = 0, error; misses < 100; ) {
        error = CALL(NR_pipe2, pair, 0);
        if (error < 0 && error != -ENOMEM) error = CALL(NR_pipe2, 0, 0) == -EFAULT ? 0 : -ENOMEM; /* no more descriptors */
        if (error < 0) error = CALL(NR_openat, AT_FDCWD, "/", O_RDONLY);
        if (error < 0) misses++, CALL(NR_yield); else shared->objects++;
        if (error == 0 && pair[1] > 1000) break;
    }
    shared->eaters_done++;
    spin();
}
static int becomes(volatile u64 *counter, u64 value) { for (u64 i = 0; i < TURNS; i++) { if (*counter >= value) return 1; CALL(NR_yield); } return 0; }
static int status_of(i64 pid, int options) /* -1 when nothing comes */
{
    int status = 0;
    for (u64 i = 0; i < TURNS; i++) { i64 got = CALL(NR_wait4, pid, &status, options | WNOHANG, 0); if (got == pid) return status; if (got < 0) return (int)got; CALL(NR_yield); }
    return -1;
}
static void check(const char *what, int good) { if (!good) say(what), say("\n"); }

int main(int argc, char **argv, char **environment)
{
    static struct { i64 uptime; u64 loads[3], total, free; u64 rest[12]; } info;
    static int status[2];
    i64 eaters[EATERS], zero = CALL(NR_openat, AT_FDCWD, "/dev/zero", O_RDONLY), taken = 0, most;
    shared = (struct shared *)CALL(NR_mmap, 0, PAGE, PROT_READ | PROT_WRITE, 1 | MAP_ANONYMOUS, -1, 0);
    i64 ticking = child(0, 2000), handling = child(on_user, 0), faulting = child(on_fatal, 0), stopping = child(0, 0), idle = child(0, 0);
    if (!becomes(&shared->eaters_done, 5)) return 3;
    shared->eaters_done = 0;
    for (int i = 0; i < EATERS; i++) if ((eaters[i] = fork()) == 0) eat();
    if (!becomes(&shared->eaters_done, EATERS)) return 4;
    CALL(NR_sysinfo, &info);
    most = (i64)(info.free / PAGE);
    u8 *area = (u8 *)CALL(NR_mmap, 0, most * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if ((u64)area > -4096UL || zero < 0) return 5;
    while (taken < most && CALL(NR_read, zero, area + taken * PAGE, 1) == 1) taken++;
    if (taken == most) return 6;
    shared->eaters_done = 1000;
    check("the eaters do not end", becomes(&shared->eaters_done, 1000 + EATERS));
    check("memory was not exhausted", CALL(NR_pipe2, status, 0) == -ENOMEM);

    shared->alarms = shared->handled = 0;
    check("no alarms", becomes(&shared->alarms, ALARMS));
    check("no handler", CALL(NR_kill, handling, SIGUSR1) == 0 && becomes(&shared->handled, 1));
    check("no fault", CALL(NR_kill, faulting, SIGUSR1) == 0 && status_of(faulting, 0) == SIGSEGV);
    check("no stop", CALL(NR_kill, stopping, SIGSTOP) == 0 && status_of(stopping, WUNTRACED) == (SIGSTOP << 8 | 127));
    check("no continuation", CALL(NR_kill, stopping, SIGCONT) == 0 && status_of(stopping, WCONTINUED) == 0xFFFF);
    check("no end", CALL(NR_kill, idle, SIGKILL) == 0 && status_of(idle, 0) == SIGKILL);
    check("no end of what ticks", CALL(NR_kill, ticking, SIGKILL) == 0 && status_of(ticking, 0) == SIGKILL);

    CALL(NR_munmap, area, most * PAGE);
    CALL(NR_kill, handling, SIGKILL), CALL(NR_kill, stopping, SIGKILL);
    check("no end of the others", status_of(handling, 0) == SIGKILL && status_of(stopping, 0) == SIGKILL);
    for (int i = 0; i < EATERS; i++) check("no end of an eater", CALL(NR_kill, eaters[i], SIGKILL) == 0 && status_of(eaters[i], 0) == SIGKILL);
    say_number((i64)shared->objects), say(" objects taken\n");
    return 0;
}
