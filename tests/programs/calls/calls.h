/* System calls under their own names, for programs that print one line a call: `call(arguments) = result`, the result being the kernel's own (-errno). */
#pragma once
#include "../tiny.h"

enum {
    NR_fchdir = 50, NR_fchmod = 52, NR_fchown = 55, NR_flock = 32, NR_mknodat = 33, NR_preadv = 69, NR_fallocate = 47, NR_fsync = 82, NR_fdatasync = 83,
    NR_set_tid_address = 96, NR_sched_yield = 124, NR_tkill = 130, NR_tgkill = 131, NR_setpriority = 140, NR_getpriority = 141,
    NR_setgid = 144, NR_setresuid = 147, NR_getresuid = 148, NR_setresgid = 149, NR_setpgid = 154, NR_getpgid = 155, NR_getsid = 156, NR_setsid = 157,
    NR_getgroups = 158, NR_setgroups = 159, NR_umask = 166, NR_getppid = 173, NR_getuid = 174, NR_geteuid = 175, NR_gettid = 178, NR_mremap = 216,
    NR_fadvise64 = 223, NR_msync = 227, NR_mincore = 232, NR_madvise = 233, NR_waitid = 95, NR_memfd_create = 279, NR_close_range = 436,
    NR_splice = 76, NR_faccessat2 = 439, NR_rt_sigqueueinfo = 138, NR_sched_getscheduler = 120, NR_setreuid = 145, NR_setregid = 143, NR_mlock = 228,
    NR_preadv2 = 286, NR_openat2 = 437, NR_getresgid = 150, NR_eventfd2 = 19, NR_fchmodat2 = 452, NR_sync = 81, NR_syncfs = 267, NR_personality = 92,
};
enum {
    O_EXCL = 0200, O_NOCTTY = 0400, O_APPEND = 02000, O_NONBLOCK = 04000, O_DIRECTORY = 0200000, O_NOFOLLOW = 0400000, O_CLOEXEC = 02000000,
    O_PATH = 010000000, O_TMPFILE = 020200000, O_DIRECT = 040000, O_NOATIME = 01000000,
    AT_REMOVEDIR = 0x200, AT_SYMLINK_FOLLOW = 0x400, AT_SYMLINK_NOFOLLOW = 0x100, AT_EMPTY_PATH = 0x1000, AT_EACCESS = 0x200,
    SEEK_SET = 0, SEEK_CUR = 1, SEEK_END = 2, SEEK_DATA = 3, SEEK_HOLE = 4, RENAME_NOREPLACE = 1, RENAME_EXCHANGE = 2,
    S_IFIFO = 0010000, S_IFCHR = 0020000, S_IFDIR = 0040000, S_IFREG = 0100000, S_IFSOCK = 0140000,
    F_DUPFD = 0, F_GETFD = 1, F_SETFD = 2, F_GETFL = 3, F_SETFL = 4, F_GETLK = 5, F_SETLK = 6, F_SETLKW = 7, F_DUPFD_CLOEXEC = 1030, F_SETPIPE_SZ = 1031, F_GETPIPE_SZ = 1032,
    MAP_SHARED = 1, MAP_FIXED = 0x10, MAP_FIXED_NOREPLACE = 0x100000, MAP_NORESERVE = 0x4000, MAP_GROWSDOWN = 0x100, MAP_POPULATE = 0x8000,
    SIGHUP = 1, SIGINT = 2, SIGQUIT = 3, SIGABRT = 6, SIGFPE = 8, SIGUSR2 = 12, SIGPIPE = 13, SIGALRM = 14, SIGTERM = 15, SIGCONT = 18, SIGSTOP = 19,
    SIGTSTP = 20, SIGTTIN = 21, SIGTTOU = 22, SIGXFSZ = 25, SIGVTALRM = 26, SIGWINCH = 28, SIGSYS = 31,
};
#define NULL ((void *)0)

typedef struct { u64 dev, ino; unsigned mode, nlink, uid, gid; u64 rdev, pad1; i64 size; int blksize, pad2; i64 blocks, atime, atimensec, mtime, mtimensec, ctime, ctimensec; unsigned unused[2]; } Stat;
typedef struct { i64 sec, nsec; } Timespec;

static inline i64 open(const char *path, i64 flags, i64 mode) { return CALL(NR_openat, AT_FDCWD, path, flags, mode); }
static inline i64 openat(i64 fd, const char *path, i64 flags, i64 mode) { return CALL(NR_openat, fd, path, flags, mode); }
static inline i64 close(i64 fd) { return CALL(NR_close, fd); }
static inline i64 read(i64 fd, void *to, u64 n) { return CALL(NR_read, fd, to, n); }
static inline i64 write(i64 fd, const void *from, u64 n) { return CALL(NR_write, fd, from, n); }
static inline i64 pread(i64 fd, void *to, u64 n, i64 at) { return CALL(NR_pread64, fd, to, n, at); }
static inline i64 pwrite(i64 fd, const void *from, u64 n, i64 at) { return CALL(NR_pwrite64, fd, from, n, at); }
static inline i64 lseek(i64 fd, i64 offset, i64 whence) { return CALL(NR_lseek, fd, offset, whence); }
static inline i64 mkdir(const char *path, i64 mode) { return CALL(NR_mkdirat, AT_FDCWD, path, mode); }
static inline i64 mknod(const char *path, i64 mode, i64 device) { return CALL(NR_mknodat, AT_FDCWD, path, mode, device); }
static inline i64 unlink(const char *path) { return CALL(NR_unlinkat, AT_FDCWD, path, 0); }
static inline i64 rmdir(const char *path) { return CALL(NR_unlinkat, AT_FDCWD, path, AT_REMOVEDIR); }
static inline i64 symlink(const char *text, const char *path) { return CALL(NR_symlinkat, text, AT_FDCWD, path); }
static inline i64 link(const char *old, const char *new) { return CALL(NR_linkat, AT_FDCWD, old, AT_FDCWD, new, 0); }
static inline i64 linkat(i64 a, const char *old, i64 b, const char *new, i64 flags) { return CALL(NR_linkat, a, old, b, new, flags); }
static inline i64 rename(const char *old, const char *new) { return CALL(NR_renameat2, AT_FDCWD, old, AT_FDCWD, new, 0); }
static inline i64 rename2(const char *old, const char *new, i64 flags) { return CALL(NR_renameat2, AT_FDCWD, old, AT_FDCWD, new, flags); }
static inline i64 stat(const char *path, Stat *s) { return CALL(NR_newfstatat, AT_FDCWD, path, s, 0); }
static inline i64 lstat(const char *path, Stat *s) { return CALL(NR_newfstatat, AT_FDCWD, path, s, AT_SYMLINK_NOFOLLOW); }
static inline i64 fstat(i64 fd, Stat *s) { return CALL(NR_fstat, fd, s); }
static inline i64 readlink(const char *path, char *to, u64 n) { return CALL(NR_readlinkat, AT_FDCWD, path, to, n); }
static inline i64 chdir(const char *path) { return CALL(NR_chdir, path); }
static inline i64 chmod(const char *path, i64 mode) { return CALL(NR_fchmodat, AT_FDCWD, path, mode); }
static inline i64 chown(const char *path, i64 uid, i64 gid) { return CALL(NR_fchownat, AT_FDCWD, path, uid, gid, 0); }
static inline i64 access(const char *path, i64 mode) { return CALL(NR_faccessat, AT_FDCWD, path, mode); }
static inline i64 truncate(const char *path, i64 size) { return CALL(NR_truncate, path, size); }
static inline i64 ftruncate(i64 fd, i64 size) { return CALL(NR_ftruncate, fd, size); }
static inline i64 fcntl(i64 fd, i64 command, i64 value) { return CALL(NR_fcntl, fd, command, value); }
static inline i64 dup(i64 fd) { return CALL(NR_dup, fd); }
static inline i64 dup3(i64 old, i64 new, i64 flags) { return CALL(NR_dup3, old, new, flags); }
static inline i64 pipe2(int *ends, i64 flags) { return CALL(NR_pipe2, ends, flags); }
static inline i64 getpid(void) { return CALL(NR_getpid); }
static inline i64 kill(i64 pid, i64 signal) { return CALL(NR_kill, pid, signal); }

/* Print a call and what it gave. */
#define T(call) show(#call, (i64)(call))
static i64 show(const char *call, i64 result) { say(call); say(" = "); say_number(result); say("\n"); return result; }
static inline void say_octal(u64 value) { char text[24], *p = text + sizeof text; *--p = 0; do *--p = '0' + value % 8; while (value /= 8); *--p = '0'; say(p); }
static inline void title(const char *text) { say("-- "); say(text); say("\n"); }

/* Type and mode, links, owner, size of what a path names. */
static inline void look(const char *path)
{
    Stat s;
    i64 error = lstat(path, &s);
    say(path), say(": ");
    if (error) { say_number(error), say("\n"); return; }
    say_octal(s.mode), say(" links "), say_number(s.nlink), say(" owner "), say_number(s.uid), say(":"), say_number(s.gid), say(" size "), say_number((s.mode & 0170000) == S_IFDIR ? 0 : s.size), say("\n");
}
static inline i64 make(const char *path, const char *text) { i64 fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644); i64 n = write(fd, text, length(text)); close(fd); return n; }
/* Run a function in a child and print how it ended. */
#define CHILD(function) do { i64 pid_ = fork(); if (!pid_) { function(); leave(0); } show("status of " #function, wait_for(pid_)); } while (0)
int memcmp(const void *a, const void *b, u64 n) { const u8 *x = a, *y = b; for (; n; n--, x++, y++) if (*x != *y) return *x - *y; return 0; }
