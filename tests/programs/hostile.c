/* Programs that do what they must not, each in a child: a line `NAME STATUS` for each, STATUS being 128 + signal or the exit status. */
#include "tiny.h"

#define KERNEL 0xffffffc000000000UL
static u8 data[64] __attribute__((aligned(16)));
static const u64 constant = 42;
static volatile u64 sink;

static void read_kernel(void) { sink = *(volatile u64 *)KERNEL; }
static void write_kernel(void) { *(volatile u64 *)KERNEL = 1; }
static void read_nothing(void) { sink = *(volatile u64 *)8; }
static void read_beyond(void) { sink = *(volatile u64 *)(1UL << 62); }
static void write_text(void) { *(volatile u64 *)&read_nothing = 0; }
static void write_constant(void) { *(volatile u64 *)&constant = 0; }
static void jump_to_nothing(void) { ((void (*)(void))0)(); }
static void jump_to_kernel(void) { ((void (*)(void))KERNEL)(); }
static void jump_to_data(void) { data[0] = 0x82, data[1] = 0x80; ((void (*)(void))data)(); }
static void illegal(void) { __asm__ volatile(".4byte 0xffffffff"); }
static void zero_instruction(void) { __asm__ volatile(".2byte 0"); }
static void supervisor_register(void) { __asm__ volatile("csrr t0, sstatus" ::: "t0"); }
static void supervisor_return(void) { __asm__ volatile("sret"); }
static void machine_return(void) { __asm__ volatile("mret"); }
static void fence_memory(void) { __asm__ volatile("sfence.vma"); }
static void breakpoint(void) { __asm__ volatile("ebreak"); }
static void misaligned_atomic(void) { __asm__ volatile("amoadd.w t0, zero, (%0)" ::"r"(data + 1) : "t0", "memory"); }
static void misaligned_load(void) { sink = *(volatile u64 *)(data + 1); leave(7); }
static u64 __attribute__((noinline)) descend(u64 depth) { volatile u64 frame[64]; frame[0] = depth; return descend(depth + 1) + frame[0]; }
static void overflow_stack(void) { sink = descend(0); }
static void return_from_no_signal(void) { memset(data, 0xff, sizeof data); CALL(NR_rt_sigreturn); leave(8); }
static void lost_stack(void)
{
    static struct { void (*handler)(int); u64 flags, mask; } action = {(void (*)(int))read_nothing, 0, 0};
    CALL(NR_rt_sigaction, SIGUSR1, &action, 0, 8);
    i64 pid = CALL(NR_getpid);
    __asm__ volatile("li sp, 16\n mv a0, %0\n li a1, 10\n li a7, 129\n ecall\n 1: j 1b" ::"r"(pid) : "a0", "a1", "a7");
}
static void unknown_calls(void)
{
    static const i64 numbers[] = {-1, 1000, 100000, 0x7fffffffffffffff, -0x7fffffffffffffff - 1, 244, 600};
    for (u64 i = 0; i < sizeof numbers / sizeof *numbers; i++) if (call6(numbers[i], 1, 2, 3, 4, 5, 6) != -ENOSYS) leave(1);
    leave(9);
}
static void no_files(void) { for (i64 fd = 0; fd < 3; fd++) CALL(NR_close, fd); if (CALL(NR_write, 1, "x", 1) != -9) leave(1); leave(10); }
static void huge_sizes(void)
{
    i64 zero = CALL(NR_openat, AT_FDCWD, "/dev/zero", O_RDONLY);
    if (CALL(NR_read, zero, data, -1L) != -EFAULT && CALL(NR_read, zero, data, -1L) != -EINVAL) { } /* either, or what fits: only no harm */
    if (CALL(NR_mmap, 0, -4096L, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != -ENOMEM) leave(1);
    if (CALL(NR_mmap, 0, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != -EINVAL) leave(2);
    if (CALL(NR_munmap, 0, -4096L) != -EINVAL) leave(3);
    if (CALL(NR_munmap, KERNEL, 4096) != -EINVAL) leave(4);
    if (CALL(NR_mprotect, KERNEL, 4096, PROT_WRITE) != -ENOMEM) leave(5);
    if (CALL(NR_mmap, KERNEL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | 0x10, -1, 0) != -ENOMEM) leave(6);
    leave(11);
}
static void fork_bomb(void)
{
    static const u64 limit[2] = {20, 20}, long_time[2] = {100, 0};
    if (CALL(NR_prlimit64, 0, 6, limit, 0) || CALL(NR_setuid, 1234)) leave(1);
    i64 made = 0, pid = 0;
    while (made < 100 && (pid = fork()) > 0) made++;
    if (pid == 0) for (;;) CALL(NR_nanosleep, long_time, 0);
    if (pid != -EAGAIN || made < 10 || made > 20) leave(2);
    CALL(NR_kill, -1, SIGKILL);
    while (CALL(NR_wait4, -1, 0, 0, 0) > 0) { }
    leave(12);
}
static void long_arguments(void)
{
    static char *argv[] = {"/bin/true", 0, 0};
    u64 size = 64 << 20;
    char *text = (char *)CALL(NR_mmap, 0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if ((u64)text > -4096UL) leave(13); /* no memory for it: nothing to try */
    memset(text, 'x', 3 << 20);
    argv[1] = text;
    if (CALL(NR_execve, "/bin/true", argv, 0) != -E2BIG) leave(1);
    leave(13);
}
static void huge_numbers(void) /* where a calculation could overflow */
{
    u64 *words = (u64 *)data, none[2] = {0, 0};
    words[0] = -1UL;
    if (CALL(NR_sched_setaffinity, 0, 8, words) != 0) leave(1);
    words[0] = (u64)(words + 2), words[1] = -1UL;
    if (CALL(NR_pselect6, 0, 0, 0, 0, none, words) != -EINVAL) leave(2);
    words[0] = -1UL, words[1] = 8;
    if (CALL(NR_pselect6, 0, 0, 0, 0, none, words) != -EFAULT) leave(3);
    leave(14);
}
static void endless_transfer(void) /* an alarm must end it, within the system call */
{
    static const u64 soon[4] = {0, 0, 0, 50000};
    i64 null = CALL(NR_openat, AT_FDCWD, "/dev/null", O_WRONLY), random = CALL(NR_openat, AT_FDCWD, "/dev/urandom", O_RDONLY);
    CALL(NR_setitimer, 0, soon, 0);
    for (;;) CALL(NR_sendfile, null, random, 0, 0x7ffff000);
}

static const struct { const char *name; void (*run)(void); } evils[] = {
    {"read_kernel", read_kernel}, {"write_kernel", write_kernel}, {"read_nothing", read_nothing}, {"read_beyond", read_beyond},
    {"write_text", write_text}, {"write_constant", write_constant}, {"jump_to_nothing", jump_to_nothing}, {"jump_to_kernel", jump_to_kernel},
    {"jump_to_data", jump_to_data}, {"illegal", illegal}, {"zero_instruction", zero_instruction}, {"supervisor_register", supervisor_register},
    {"supervisor_return", supervisor_return}, {"machine_return", machine_return}, {"fence_memory", fence_memory}, {"breakpoint", breakpoint},
    {"misaligned_atomic", misaligned_atomic}, {"misaligned_load", misaligned_load}, {"overflow_stack", overflow_stack},
    {"return_from_no_signal", return_from_no_signal}, {"lost_stack", lost_stack}, {"unknown_calls", unknown_calls}, {"no_files", no_files},
    {"huge_sizes", huge_sizes}, {"fork_bomb", fork_bomb}, {"long_arguments", long_arguments},
    {"huge_numbers", huge_numbers}, {"endless_transfer", endless_transfer},
};

int main(int argc, char **argv, char **environment)
{
    for (u64 i = 0; i < sizeof evils / sizeof *evils; i++) {
        i64 pid = fork();
        if (pid == 0) { evils[i].run(); leave(0); }
        int status = wait_for(pid);
        say(evils[i].name), say(" "), say_number(status & 127 ? 128 + (status & 127) : status >> 8 & 255), say("\n");
    }
    return 0;
}
