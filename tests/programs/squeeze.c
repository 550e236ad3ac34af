/* squeeze PROGRAM ARGUMENT...: takes all memory that there is, then gives it back a page at a time and tries to execute PROGRAM each time, until
 * that works. Prints how often it failed, and by how many pages the free memory after a failure was ever off what it should be. */
#include "tiny.h"
enum { PAGE = 4096 };
struct sysinfo { i64 uptime; u64 loads[3], total, free; u64 rest[12]; };

static i64 free_pages(void)
{
    static struct sysinfo info;
    CALL(NR_sysinfo, &info);
    return info.free / PAGE;
}

int main(int argc, char **argv, char **environment)
{
    if (argc < 2) return 2;
    i64 most = free_pages();
    u8 *area = (u8 *)CALL(NR_mmap, 0, most * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    i64 zero = CALL(NR_openat, AT_FDCWD, "/dev/zero", O_RDONLY), taken = 0, failures = 0, lost = 0, before, error;
    if ((u64)area > -4096UL || zero < 0) return 3;
    while (taken < most && CALL(NR_read, zero, area + taken * PAGE, 1) == 1) taken++;
    if (taken == most) return 4;
    for (; taken > 0; taken--) {
        before = free_pages();
        error = CALL(NR_execve, argv[1], argv + 1, environment);
        if (error != -ENOMEM) { say("error "); say_number(-error); say("\n"); return 5; }
        failures++;
        if (before - free_pages() > lost) lost = before - free_pages();
        if (CALL(NR_munmap, area + (taken - 1) * PAGE, PAGE)) return 6;
        /* said before the exec that works: afterwards nobody is left to say it */
        say_number(failures); say(" failures, "); say_number(lost); say(" pages lost\n");
    }
    return 7;
}
