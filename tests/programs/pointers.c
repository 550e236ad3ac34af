/* Every system call that takes a pointer, with pointers that point nowhere a program may look: each must answer EFAULT.
 * Prints what does not, then `N calls`. */
#include "tiny.h"

#define BAD 0x7bad0bad0bad0badL /* stands for the pointer under test */
static u8 room[4096] __attribute__((aligned(16)));
static i64 file, zero, pipes[2], folder;
static struct { u64 base, length; } bad_vector = {0, 16};

static u64 pointers[] = {
    1,                    /* the first page is never mapped */
    0x1000 - 8,
    0,                    /* a page without any right: main makes it */
    1UL << 38,            /* one past it */
    0x4000000000000000,   /* not an address at all under Sv39 */
    0x8000000000000000,
    0xffffffc000000000,   /* where a kernel keeps its direct map */
    0xffffffff80000000,   /* ... and itself */
    0xffffffffffffffff,
    0xfffffffffffffff8,
};

struct attempt { const char *name; i64 number; i64 arguments[6]; };
#define PATH_CALL(name, ...) {#name " path", NR_##name, {__VA_ARGS__}}
static struct attempt attempts[] = {
    {"read", NR_read, {-1, BAD, 16}}, /* the first ones get their descriptors in main */
    {"pread64", NR_pread64, {-2, BAD, 16, 0}},
    {"write", NR_write, {-3, BAD, 16}},
    {"pwrite64", NR_pwrite64, {-2, BAD, 16, 0}},
    {"write to file", NR_write, {-2, BAD, 16}},
    {"readv", NR_readv, {-1, BAD, 1}},
    {"writev", NR_writev, {-3, BAD, 1}},
    {"getdents64", NR_getdents64, {-4, BAD, 1024}},
    {"fstat", NR_fstat, {-2, BAD}},
    {"fstatfs", NR_fstatfs, {-2, BAD}},
    {"fcntl GETLK", NR_fcntl, {-2, 5, BAD}},
    {"sendfile offset", NR_sendfile, {-3, -2, BAD, 16}},
    {"copy_file_range offset", NR_copy_file_range, {-2, BAD, -2, 0, 16, 0}},
    PATH_CALL(openat, AT_FDCWD, BAD, O_RDONLY, 0), PATH_CALL(mkdirat, AT_FDCWD, BAD, 0700), PATH_CALL(unlinkat, AT_FDCWD, BAD, 0),
    PATH_CALL(symlinkat, BAD, AT_FDCWD, (i64) "/tmp/l"), {"symlinkat link", NR_symlinkat, {(i64) "x", AT_FDCWD, BAD}},
    PATH_CALL(linkat, AT_FDCWD, BAD, AT_FDCWD, (i64) "/tmp/l", 0), PATH_CALL(renameat2, AT_FDCWD, BAD, AT_FDCWD, (i64) "/tmp/l", 0),
    {"renameat2 target", NR_renameat2, {AT_FDCWD, (i64) "/tmp", AT_FDCWD, BAD, 0}},
    PATH_CALL(readlinkat, AT_FDCWD, BAD, (i64)room, 10), {"readlinkat buffer", NR_readlinkat, {AT_FDCWD, (i64) "/proc/self/exe", BAD, 100}},
    PATH_CALL(faccessat, AT_FDCWD, BAD, 0), PATH_CALL(fchmodat, AT_FDCWD, BAD, 0700), PATH_CALL(fchownat, AT_FDCWD, BAD, 0, 0, 0),
    PATH_CALL(utimensat, AT_FDCWD, BAD, 0, 0), {"utimensat times", NR_utimensat, {AT_FDCWD, (i64) "/tmp", BAD, 0}},
    PATH_CALL(newfstatat, AT_FDCWD, BAD, (i64)room, 0), {"newfstatat buffer", NR_newfstatat, {AT_FDCWD, (i64) "/", BAD, 0}},
    PATH_CALL(statx, AT_FDCWD, BAD, 0, 0x7ff, (i64)room), {"statx buffer", NR_statx, {AT_FDCWD, (i64) "/", 0, 0x7ff, BAD}},
    PATH_CALL(statfs, BAD, (i64)room), {"statfs buffer", NR_statfs, {(i64) "/", BAD}},
    PATH_CALL(truncate, BAD, 0), PATH_CALL(chdir, BAD), PATH_CALL(chroot, BAD), {"getcwd", NR_getcwd, {BAD, 100}},
    PATH_CALL(execve, BAD, 0, 0), {"execve argv", NR_execve, {(i64) "/bin/true", BAD, 0}}, {"execve envp", NR_execve, {(i64) "/bin/true", 0, BAD}},
    {"pipe2", NR_pipe2, {BAD, 0}}, {"ppoll", NR_ppoll, {BAD, 1, 0, 0, 0}}, {"ppoll timeout", NR_ppoll, {0, 0, BAD, 0, 0}},
    {"pselect6", NR_pselect6, {1, BAD, 0, 0, 0, 0}}, {"pselect6 timeout", NR_pselect6, {0, 0, 0, 0, BAD, 0}},
    {"nanosleep", NR_nanosleep, {BAD, 0}}, {"clock_nanosleep", NR_clock_nanosleep, {0, 0, BAD, 0}}, {"clock_gettime", NR_clock_gettime, {0, BAD}},
    {"clock_getres", NR_clock_getres, {0, BAD}}, {"gettimeofday", NR_gettimeofday, {BAD, 0}}, {"times", NR_times, {BAD}},
    {"getitimer", NR_getitimer, {0, BAD}}, {"setitimer", NR_setitimer, {0, BAD, 0}}, {"uname", NR_uname, {BAD}}, {"sysinfo", NR_sysinfo, {BAD}},
    {"getrlimit", NR_getrlimit, {7, BAD}}, {"prlimit64 new", NR_prlimit64, {0, 7, BAD, 0}}, {"prlimit64 old", NR_prlimit64, {0, 7, 0, BAD}},
    {"getrusage", NR_getrusage, {0, BAD}}, {"getrandom", NR_getrandom, {BAD, 16, 0}}, {"rt_sigaction", NR_rt_sigaction, {SIGUSR1, BAD, 0, 8}},
    {"rt_sigaction old", NR_rt_sigaction, {SIGUSR1, 0, BAD, 8}}, {"rt_sigprocmask", NR_rt_sigprocmask, {0, BAD, 0, 8}},
    {"rt_sigprocmask old", NR_rt_sigprocmask, {0, 0, BAD, 8}}, {"rt_sigpending", NR_rt_sigpending, {BAD, 8}},
    {"rt_sigsuspend", NR_rt_sigsuspend, {BAD, 8}}, {"rt_sigtimedwait", NR_rt_sigtimedwait, {BAD, 0, 0, 8}}, {"sigaltstack", NR_sigaltstack, {BAD, 0}},
    {"sigaltstack old", NR_sigaltstack, {0, BAD}}, {"sched_getaffinity", NR_sched_getaffinity, {0, 8, BAD}},
    {"sched_setaffinity", NR_sched_setaffinity, {0, 8, BAD}}, {"prctl name", NR_prctl, {15, BAD}}, {"prctl get name", NR_prctl, {16, BAD}},
};

static i64 descriptor(i64 code) { return code == -1 ? zero : code == -2 ? file : code == -3 ? pipes[1] : folder; }

int main(int argc, char **argv, char **environment)
{
    int ends[2];
    i64 calls = 0;
    pointers[2] = (u64)CALL(NR_mmap, 0, 8192, 0, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) + 4090;
    zero = CALL(NR_openat, AT_FDCWD, "/dev/zero", O_RDWR);
    file = CALL(NR_openat, AT_FDCWD, "/tmp/pointers-file", O_RDWR | O_CREAT, 0600);
    folder = CALL(NR_openat, AT_FDCWD, "/", O_RDONLY);
    CALL(NR_pipe2, ends, 0);
    pipes[0] = ends[0], pipes[1] = ends[1];
    CALL(NR_write, file, "0123456789abcdef0123456789abcdef", 32);
    for (u64 i = 0; i < sizeof attempts / sizeof *attempts; i++)
        for (u64 p = 0; p < sizeof pointers / sizeof *pointers; p++, calls++) {
            struct attempt one = attempts[i];
            for (int k = 0; k < 6; k++) {
                if (one.arguments[k] == BAD) one.arguments[k] = (i64)pointers[p];
                else if (one.arguments[k] < 0 && one.arguments[k] > -5 && i < 13) one.arguments[k] = descriptor(one.arguments[k]);
            }
            i64 *a = one.arguments, result = call6(one.number, a[0], a[1], a[2], a[3], a[4], a[5]);
            if (result != -EFAULT) {
                say(one.name), say(" pointer "), say_number((i64)p), say(" gives "), say_number(result), say("\n");
            }
        }
    for (u64 p = 0; p < sizeof pointers / sizeof *pointers; p++, calls++) { /* a good vector of bad buffers */
        bad_vector.base = pointers[p];
        i64 result = CALL(NR_readv, zero, &bad_vector, 1);
        if (result != -EFAULT) say("readv of bad buffer gives "), say_number(result), say("\n");
    }
    say_number(calls), say(" calls\n");
    CALL(NR_unlinkat, AT_FDCWD, "/tmp/pointers-file", 0);
    return 0;
}
