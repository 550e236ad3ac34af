/* Signals: masks, handlers and their flags, what a handler is told, waiting, restarting. */
#include "calls.h"

typedef struct { void (*handler)(int, void *, void *); u64 flags, mask, mask_for_qemu; } Action; /* qemu-riscv64 7.2 takes a restorer to be in the third word */
enum { SA_NOCLDSTOP = 1, SA_NOCLDWAIT = 2, SA_SIGINFO = 4, SA_ONSTACK = 0x08000000, SA_RESTART = 0x10000000, SA_NODEFER = 0x40000000, SA_RESETHAND = (int)0x80000000, BLOCK = 0, UNBLOCK = 1, SETMASK = 2 };
#define BIT(n) (1UL << ((n) - 1))
#define IGNORE ((void (*)(int, void *, void *))1)

static volatile int depth, count, last, code, deepest; static volatile u64 address, seen_mask, stack_at; static volatile i64 sender, value; static int log_on;
static u64 mask_now(void) { u64 m = 0; CALL(NR_rt_sigprocmask, BLOCK, 0, &m, 8); return m; }
static void handler(int signal, void *info, void *context)
{
    (void)context;
    depth++;
    count++;
    last = signal;
    code = ((int *)info)[2];
    sender = ((int *)info)[4];
    address = *(u64 *)((char *)info + 16);
    value = *(int *)((char *)info + 24);
    seen_mask = mask_now();
    stack_at = (u64)__builtin_frame_address(0);
    if (depth > deepest) deepest = depth;
    if (log_on) say("  handler "), say_number(signal), say(" depth "), say_number(depth), say("\n");
    depth--;
}
static void nested(int signal, void *info, void *context)
{
    (void)info, (void)context;
    depth++; if (depth > deepest) deepest = depth;
    say("  in "), say_number(signal), say(" depth "), say_number(depth), say("\n");
    if (signal == SIGUSR1 && count++ < 2) kill(getpid(), SIGUSR1);
    if (signal == SIGUSR2) kill(getpid(), SIGUSR1);
    say("  out "), say_number(signal), say("\n");
    depth--;
}
static i64 on(int signal, void (*f)(int, void *, void *), u64 flags, u64 mask) { Action a = {f, flags, mask, mask}; return CALL(NR_rt_sigaction, signal, &a, 0, 8); }
static i64 block(int how, u64 mask) { return CALL(NR_rt_sigprocmask, how, &mask, 0, 8); }
static u64 pending(void) { u64 m = 0; CALL(NR_rt_sigpending, &m, 8); return m; }
static i64 me(int signal) { return kill(getpid(), signal); }

static void basics(void)
{
    Action old; u64 set = -1;
    title("calls");
    T(on(SIGUSR1, handler, SA_SIGINFO, 0));
    T(on(SIGKILL, handler, 0, 0));
    T(on(SIGSTOP, IGNORE, 0, 0));
    T(on(0, handler, 0, 0));
    T(on(65, handler, 0, 0));
    T(on(64, handler, SA_SIGINFO, 0));
    T(on(32, handler, SA_SIGINFO, 0));
    T(CALL(NR_rt_sigaction, 10, 0, 0, 4));
    T(CALL(NR_rt_sigaction, 10, 1, 0, 8));
    T(CALL(NR_rt_sigaction, 10, 0, 1, 8));
    T(CALL(NR_rt_sigaction, 9, 0, &old, 8));
    T(CALL(NR_rt_sigaction, SIGUSR1, 0, &old, 8));
    T(old.handler == handler);
    T(old.flags);
    T(old.mask);
    T(on(SIGUSR1, handler, SA_SIGINFO | SA_RESTART, -1));
    T(CALL(NR_rt_sigaction, SIGUSR1, 0, &old, 8));
    T(old.flags);
    T(old.mask);
    T(on(SIGUSR1, handler, SA_SIGINFO, 0));
    T(CALL(NR_rt_sigprocmask, 5, &set, 0, 8));
    T(CALL(NR_rt_sigprocmask, 5, 0, 0, 8));
    T(CALL(NR_rt_sigprocmask, 0, &set, 0, 16));
    T(CALL(NR_rt_sigprocmask, 0, 1, 0, 8));
    T(block(SETMASK, -1));
    T(mask_now());
    T(block(SETMASK, 0));
    T(mask_now());
    T(CALL(NR_rt_sigpending, 1, 8));
    T(CALL(NR_rt_sigpending, &set, 9));
    T(kill(getpid(), 0));
    T(kill(getpid(), 65));
    T(kill(getpid(), -1));
    T(kill(999999, 0));
    T(kill(-999999, 0));
    T(CALL(NR_tkill, getpid(), 0));
    T(CALL(NR_tkill, -1, 0));
    T(CALL(NR_tkill, 0, 0));
    T(CALL(NR_tgkill, getpid(), 999999, 0));
    T(CALL(NR_tgkill, 999999, getpid(), 0));
    T(CALL(NR_tgkill, -1, getpid(), 0));
    title("delivery");
    T(me(SIGUSR1));
    T(count);
    T(last);
    T(code);
    T(sender == getpid());
    T(seen_mask);
    T(CALL(NR_tgkill, getpid(), getpid(), SIGUSR1));
    T(count);
    T(code);
    T(block(BLOCK, BIT(SIGUSR1) | BIT(SIGUSR2)));
    T(me(SIGUSR1));
    T(me(SIGUSR1));
    T(count);
    T(pending());
    T(block(UNBLOCK, BIT(SIGUSR1)));
    T(count);
    T(pending());
    T(on(SIGUSR2, IGNORE, 0, 0));
    T(me(SIGUSR2));
    T(pending());
    T(on(SIGUSR2, handler, SA_SIGINFO, BIT(SIGHUP)));
    T(me(SIGUSR2));
    T(pending());
    T(block(SETMASK, 0));
    T(last);
    T(seen_mask);
    title("real-time signals queue, lowest first");
    log_on = 1;
    T(on(40, handler, SA_SIGINFO, -1));
    T(on(41, handler, SA_SIGINFO, -1));
    T(block(SETMASK, BIT(40) | BIT(41) | BIT(SIGUSR1)));
    T(me(41));
    T(me(40));
    T(me(41));
    T(me(SIGUSR1));
    T(me(SIGUSR1));
    T(me(40));
    T(block(SETMASK, 0));
    T(count);
    log_on = 0;
    int info[32] = {40, 0, -1, 0, 7, 8, 99, 0};
    T(CALL(NR_rt_sigqueueinfo, getpid(), 40, info));
    T(code);
    T(value);
    T(sender);
    info[2] = 0;
    T(CALL(NR_rt_sigqueueinfo, getpid(), 40, info));
    T(CALL(NR_rt_sigqueueinfo, getpid(), 0, info));
    T(CALL(NR_rt_sigqueueinfo, 999999, 40, info));
    T(CALL(NR_rt_sigqueueinfo, getpid(), 40, 1));
    title("flags");
    count = 0;
    T(on(SIGUSR1, nested, 0, 0));
    T(me(SIGUSR1));
    T(deepest);
    deepest = 0;
    count = 0;
    T(on(SIGUSR1, nested, SA_NODEFER, 0));
    T(me(SIGUSR1));
    T(deepest);
    deepest = 0;
    count = 9;
    T(on(SIGUSR2, nested, 0, BIT(SIGUSR1)));
    T(me(SIGUSR2));
    T(deepest);
    deepest = 0;
    T(on(SIGUSR2, nested, 0, 0));
    T(me(SIGUSR2));
    T(deepest);
    T(on(SIGUSR1, handler, SA_SIGINFO | SA_RESETHAND, 0));
    T(me(SIGUSR1));
    T(CALL(NR_rt_sigaction, SIGUSR1, 0, &old, 8));
    T((i64)old.handler);
    T((unsigned)old.flags);
}
static u8 alternate[16384] __attribute__((aligned(16)));
static void stacks(void)
{
    struct { void *sp; int flags; u64 size; } s = {alternate, 0, sizeof alternate}, o = {0, 0, 0};
    title("alternate stack");
    T(CALL(NR_sigaltstack, 0, &o));
    T(o.flags);
    T(o.size);
    T(CALL(NR_sigaltstack, &s, &o));
    T(CALL(NR_sigaltstack, 0, &o));
    T(o.flags);
    T(o.size);
    s.size = 100;
    T(CALL(NR_sigaltstack, &s, 0));
    s.size = 16384;
    s.flags = 9;
    T(CALL(NR_sigaltstack, &s, 0));
    T(CALL(NR_sigaltstack, 1, 0));
    T(on(SIGUSR1, handler, SA_SIGINFO | SA_ONSTACK, 0));
    T(me(SIGUSR1));
    T(stack_at > (u64)alternate && stack_at < (u64)alternate + sizeof alternate);
    T(on(SIGUSR1, handler, SA_SIGINFO, 0));
    T(me(SIGUSR1));
    T(stack_at > (u64)alternate && stack_at < (u64)alternate + sizeof alternate);
    s.flags = 2;
    T(CALL(NR_sigaltstack, &s, &o));
    T(CALL(NR_sigaltstack, 0, &o));
    T(o.flags);
}
static i64 child_that_signals(i64 wait_ns, int signal) { i64 parent = getpid(), pid = fork(); if (!pid) { Timespec t = {0, wait_ns}; CALL(NR_nanosleep, &t, 0), kill(parent, signal), leave(0); } return pid; }
static void waiting(void)
{
    u64 set = BIT(SIGUSR1) | BIT(SIGALRM);
    int info[32];
    Timespec zero = {0, 0}, little = {0, 30000000}, bad = {0, 1000000000}, negative = {-1, 0}, left = {0, 0};
    title("waiting");
    T(block(SETMASK, BIT(SIGUSR1) | BIT(SIGALRM)));
    T(CALL(NR_rt_sigtimedwait, &set, info, &zero, 8));
    T(CALL(NR_rt_sigtimedwait, &set, info, &little, 8));
    T(CALL(NR_rt_sigtimedwait, &set, info, &bad, 8));
    T(CALL(NR_rt_sigtimedwait, &set, info, &negative, 8));
    T(CALL(NR_rt_sigtimedwait, &set, info, &zero, 7));
    T(CALL(NR_rt_sigtimedwait, 1, info, &zero, 8));
    T(me(SIGUSR1));
    T(CALL(NR_rt_sigtimedwait, &set, info, &zero, 8));
    T(info[0]);
    T(info[2]);
    T(pending());
    i64 pid = child_that_signals(20000000, SIGUSR1);
    T(CALL(NR_rt_sigtimedwait, &set, info, 0, 8)), T(info[4] == pid), T(wait_for(pid));
    T(on(SIGUSR2, handler, SA_SIGINFO, 0));
    pid = child_that_signals(20000000, SIGUSR2);
    T(CALL(NR_rt_sigtimedwait, &set, info, 0, 8));
    T(wait_for(pid));
    count = 0;
    T(block(SETMASK, BIT(SIGUSR2)));
    T(me(SIGUSR2));
    T(count);
    set = 0;
    T(CALL(NR_rt_sigsuspend, &set, 8));
    T(count);
    T(mask_now());
    T(CALL(NR_rt_sigsuspend, &set, 4));
    T(CALL(NR_rt_sigsuspend, 1, 8));
    T(block(SETMASK, 0));
    title("restarting");
    int ends[2]; char byte[10]; Timespec second = {1, 0};
    pipe2(ends, 0);
    T(on(SIGUSR2, handler, SA_SIGINFO, 0));
    pid = child_that_signals(20000000, SIGUSR2);
    T(read(ends[0], byte, 1));
    T(wait_for(pid));
    T(on(SIGUSR2, handler, SA_SIGINFO | SA_RESTART, 0));
    i64 parent = getpid();
    pid = fork();
    if (!pid) { CALL(NR_nanosleep, &little, 0), kill(parent, SIGUSR2), CALL(NR_nanosleep, &little, 0), write(ends[1], "x", 1), leave(0); }
    count = 0, T(read(ends[0], byte, 1)), T(count), T(wait_for(pid));
    pid = child_that_signals(20000000, SIGUSR2);
    left.sec = left.nsec = 0;
    T(CALL(NR_nanosleep, &second, &left));
    T(left.sec == 0 && left.nsec > 0);
    T(wait_for(pid));
    T(CALL(NR_nanosleep, &bad, 0));
    T(CALL(NR_nanosleep, &negative, 0));
    T(CALL(NR_nanosleep, 1, 0));
    T(CALL(NR_clock_nanosleep, 1, 0, &zero, 0));
    T(CALL(NR_clock_nanosleep, 99, 0, &zero, 0));
    T(CALL(NR_clock_nanosleep, 3, 0, &zero, 0));
    T(CALL(NR_clock_nanosleep, 1, 1, &zero, 0));
    T(CALL(NR_clock_nanosleep, 2, 0, &zero, 0));
    pid = child_that_signals(20000000, SIGUSR2);
    struct { int fd; short events, revents; } p = {ends[0], 1, 0};
    T(CALL(NR_ppoll, &p, 1, &second, 0, 8));
    T(wait_for(pid));
    pid = child_that_signals(20000000, SIGUSR2);
    T(CALL(NR_ppoll, 0, 0, 0, 0, 8));
    T(wait_for(pid));
    pid = child_that_signals(20000000, SIGUSR2);
    T(CALL(NR_pselect6, 0, 0, 0, 0, &second, 0));
    T(wait_for(pid));
    T(on(SIGUSR2, IGNORE, 0, 0));
    pid = child_that_signals(10000000, SIGUSR2);
    T(CALL(NR_nanosleep, &little, 0));
    T(wait_for(pid));
    T(on(SIGCHLD, handler, SA_SIGINFO, 0));
    count = 0;
    pid = fork(); if (!pid) leave(7);
    T(wait_for(pid)), T(count), T(last), T(code), T(sender == pid), T(value), pid = fork(); if (!pid) { me(SIGKILL); }
    T(wait_for(pid)), T(code), T(value), pid = fork(); if (!pid) { me(SIGSTOP), leave(0); }
    int status;
    T(CALL(NR_wait4, pid, &status, 2, 0) == pid);
    T(status);
    T(code);
    T(value);
    T(kill(pid, SIGCONT));
    T(wait_for(pid));
    T(on(SIGCHLD, NULL, 0, 0));
    title("timers");
    struct { Timespec every, first; } t = {{0, 0}, {0, 20000}}, o;
    T(on(SIGALRM, handler, SA_SIGINFO, 0));
    count = 0;
    T(CALL(NR_setitimer, 0, &t, 0));
    set = 0;
    T(CALL(NR_rt_sigsuspend, &set, 8));
    T(count);
    T(code);
    T(CALL(NR_getitimer, 0, &o));
    T(o.first.sec);
    T(o.first.nsec);
    t.every.nsec = 5000;
    T(CALL(NR_setitimer, 0, &t, 0));
    for (int i = 0; i < 3; i++) CALL(NR_rt_sigsuspend, &set, 8);
    t.first.nsec = 0;
    T(CALL(NR_setitimer, 0, &t, &o));
    T(o.every.nsec);
    T(o.first.sec);
    T(count >= 4);
    T(CALL(NR_setitimer, 3, &t, 0));
    t.first.nsec = 1000000;
    T(CALL(NR_setitimer, 0, &t, 0));
    T(CALL(NR_setitimer, 0, 1, 0));
    T(CALL(NR_getitimer, 9, &o));
    T(CALL(NR_getitimer, 0, 1));
    T(CALL(NR_setitimer, 0, 0, 0));
    t.first.nsec = 0;
    t.first.sec = 100;
    t.every.nsec = 0;
    T(CALL(NR_setitimer, 0, &t, 0));
    pid = fork();
    if (!pid) { CALL(NR_getitimer, 0, &o), leave(o.first.sec); }
    T(wait_for(pid));
    T(CALL(NR_getitimer, 0, &o));
    T(o.first.sec);
    t.first.sec = 0;
    T(CALL(NR_setitimer, 0, &t, 0));
    T(on(SIGVTALRM, handler, SA_SIGINFO, 0));
    count = 0;
    t.first.nsec = 5000;
    T(CALL(NR_setitimer, 1, &t, 0));
    while (!count) { }
    T(last), T(code);
}
static u64 *volatile page;
static void fault_handler(int signal, void *info, void *context)
{
    say("  signal "), say_number(signal), say(" code "), say_number(((int *)info)[2]);
    if (signal == SIGSEGV || signal == SIGBUS) say(" at page "), say_number((i64)(*(u64 *)((char *)info + 16) - (u64)page));
    say("\n");
    u64 *registers = (u64 *)((char *)context + 176); /* struct sigcontext: pc first */
    registers[0] += (*(unsigned short *)registers[0] & 3) == 3 ? 4 : 2;
}
static void faults(void)
{
    title("faults");
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE};
    for (int i = 0; i < 5; i++) on(signals[i], fault_handler, SA_SIGINFO, 0);
    page = (u64 *)CALL(NR_mmap, 0, 4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    T(CALL(NR_mprotect, page, 4096, PROT_READ));
    say("write to a read-only page\n");
    page[1] = 1;
    T(CALL(NR_mprotect, page, 4096, 0));
    say("read from a page of no access\n");
    (void)*(volatile u64 *)(page + 2);
    T(CALL(NR_munmap, (u64)page + 8192, 4096));
    say("read from a hole\n");
    (void)*(volatile u64 *)(page + 1024);
    i64 fd = open("short", O_RDWR | O_CREAT, 0644);
    ftruncate(fd, 4096 + 10);
    page = (u64 *)CALL(NR_mmap, 0, 4 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    say("within the last page\n");
    page[512 + 100] = 5;
    say("beyond the end of file\n");
    page[1024 + 8] = 1;
    T(ftruncate(fd, 100));
    say("after truncation\n");
    (void)*(volatile u64 *)(page + 512);
    T(write(1, (char *)page + 4096, 1));
    T(read(fd, (char *)page + 4096, 1));
    close(fd);
    say("illegal\n");
    __asm__ volatile(".4byte 0xffffffff");
    say("breakpoint\n");
    __asm__ volatile(".option push\n.option norvc\nebreak\n.option pop");
}
static void die_blocked(void) { on(SIGSEGV, fault_handler, SA_SIGINFO, 0), block(SETMASK, -1), *(volatile int *)8 = 1; }
static void die_ignored(void) { on(SIGSEGV, IGNORE, 0, 0), *(volatile int *)8 = 1; }
static void die_abort(void) { me(SIGABRT); }
static void die_term(void) { me(SIGTERM); }
static void die_rt(void) { me(50); }
static void live_default(void) { me(SIGCHLD), me(SIGWINCH), me(23), me(SIGCONT); }
static void live_pipe(void) { int e[2]; on(SIGPIPE, IGNORE, 0, 0), pipe2(e, 0), close(e[0]), T(write(e[1], "x", 1)); }
static void die_pipe(void) { int e[2]; pipe2(e, 0), close(e[0]), T(write(e[1], "x", 1)); }
int main(int argc, char **argv, char **environment)
{
    (void)argc, (void)argv, (void)environment;
    block(SETMASK, 0);
    basics(), stacks(), waiting(), faults(), title("deaths");
    CHILD(die_blocked);
    CHILD(die_ignored);
    CHILD(die_abort);
    CHILD(die_term);
    CHILD(die_rt);
    CHILD(live_default);
    CHILD(live_pipe);
    CHILD(die_pipe);
    return 0;
}
