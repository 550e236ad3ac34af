/* What a program needs that has no C library: system calls, text on standard output, and a start.
 * For test programs only: they say exactly which call they make, and build in a moment. */
#pragma once
typedef unsigned long u64;
typedef long i64;
typedef unsigned char u8;

static inline i64 call6(i64 n, i64 a, i64 b, i64 c, i64 d, i64 e, i64 f)
{
    register i64 a7 __asm__("a7") = n, a0 __asm__("a0") = a, a1 __asm__("a1") = b, a2 __asm__("a2") = c;
    register i64 a3 __asm__("a3") = d, a4 __asm__("a4") = e, a5 __asm__("a5") = f;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5) : "memory");
    return a0;
}
#define CALL_(n, a, b, c, d, e, f, ...) call6((i64)(n), (i64)(a), (i64)(b), (i64)(c), (i64)(d), (i64)(e), (i64)(f))
#define CALL(...) CALL_(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)

enum { /* include/uapi/asm-generic/unistd.h */
    NR_getcwd = 17, NR_dup = 23, NR_dup3 = 24, NR_fcntl = 25, NR_ioctl = 29, NR_mkdirat = 34, NR_unlinkat = 35, NR_symlinkat = 36, NR_linkat = 37,
    NR_statfs = 43, NR_fstatfs = 44, NR_truncate = 45, NR_ftruncate = 46, NR_faccessat = 48, NR_chdir = 49, NR_chroot = 51, NR_fchmodat = 53,
    NR_fchownat = 54, NR_openat = 56, NR_close = 57, NR_pipe2 = 59, NR_getdents64 = 61, NR_lseek = 62, NR_read = 63, NR_write = 64, NR_readv = 65,
    NR_writev = 66, NR_pread64 = 67, NR_pwrite64 = 68, NR_sendfile = 71, NR_pselect6 = 72, NR_ppoll = 73, NR_readlinkat = 78, NR_newfstatat = 79,
    NR_fstat = 80, NR_utimensat = 88, NR_exit = 93, NR_exit_group = 94, NR_futex = 98, NR_nanosleep = 101, NR_getitimer = 102, NR_setitimer = 103,
    NR_clock_gettime = 113, NR_clock_getres = 114, NR_clock_nanosleep = 115, NR_sched_setaffinity = 122, NR_sched_getaffinity = 123, NR_kill = 129,
    NR_sigaltstack = 132, NR_rt_sigsuspend = 133, NR_rt_sigaction = 134, NR_rt_sigprocmask = 135, NR_rt_sigpending = 136, NR_rt_sigtimedwait = 137,
    NR_rt_sigreturn = 139, NR_setuid = 146, NR_times = 153, NR_uname = 160, NR_getrlimit = 163, NR_getrusage = 165, NR_prctl = 167,
    NR_gettimeofday = 169, NR_getpid = 172, NR_sysinfo = 179, NR_brk = 214, NR_munmap = 215, NR_clone = 220, NR_execve = 221, NR_mmap = 222,
    NR_mprotect = 226, NR_wait4 = 260, NR_prlimit64 = 261, NR_renameat2 = 276, NR_getrandom = 278, NR_copy_file_range = 285, NR_statx = 291,
};
enum { ENOENT = 2, E2BIG = 7, ENOEXEC = 8, EAGAIN = 11, ENOMEM = 12, EACCES = 13, EFAULT = 14, EINVAL = 22, ENOSYS = 38 };
enum { SIGILL = 4, SIGTRAP = 5, SIGBUS = 7, SIGKILL = 9, SIGUSR1 = 10, SIGSEGV = 11, SIGCHLD = 17 };
enum { AT_FDCWD = -100, O_RDONLY = 0, O_WRONLY = 1, O_RDWR = 2, O_CREAT = 0100, O_TRUNC = 01000 };
enum { PROT_READ = 1, PROT_WRITE = 2, PROT_EXEC = 4, MAP_PRIVATE = 2, MAP_ANONYMOUS = 0x20 };

static inline u64 length(const char *s) { u64 n = 0; while (s[n]) n++; return n; }
static inline void say(const char *s) { CALL(NR_write, 1, s, length(s)); }
static inline void say_number(i64 value)
{
    char text[24], *p = text + sizeof text;
    u64 rest = value < 0 ? -(u64)value : (u64)value;
    *--p = 0;
    do *--p = '0' + rest % 10; while (rest /= 10);
    if (value < 0) *--p = '-';
    say(p);
}
static inline i64 parse_number(const char *s) { i64 n = 0; while (*s) n = n * 10 + *s++ - '0'; return n; }
static inline int equal(const char *a, const char *b) { while (*a && *a == *b) a++, b++; return *a == *b; }
static inline i64 fork(void) { return CALL(NR_clone, SIGCHLD); }
static inline void leave(i64 status) { for (;;) CALL(NR_exit_group, status); }
static inline int wait_for(i64 pid) { int status = -1; while (CALL(NR_wait4, pid, &status, 0, 0) == -4) { } return status; }

void *memcpy(void *to, const void *from, u64 n) { u8 *t = to; const u8 *f = from; while (n--) *t++ = *f++; return to; }
void *memset(void *to, int value, u64 n) { u8 *t = to; while (n--) *t++ = (u8)value; return to; }

int main(int argc, char **argv, char **environment);
__attribute__((used)) static void begin(i64 *stack) { leave(main((int)*stack, (char **)(stack + 1), (char **)(stack + 2 + *stack))); }
__attribute__((naked)) void _start(void) { __asm__("mv a0, sp\n andi sp, sp, -16\n tail begin\n"); }
