/* hop COUNT BEGAN PROGRAM...: executes the first PROGRAM with COUNT - 1 and the programs rotated, so that a process hops from program to
 * program, and says at COUNT 0 how many ticks of the time register have passed since the first hop. One source for three ABIs (-DABI=0
 * Linux, 1 xv6, 2 native), so that a hop costs each of them the same in user mode. */
#include "../../programs/tiny.h"
enum { LINUX, XV6, NATIVE };
enum { XV6_EXIT = 2, XV6_EXEC = 7, XV6_WRITE = 16, NATIVE_WRITE = 201, NATIVE_REPLACE = 801, NATIVE_EXIT = 802, MOST = 16 };

static u64 ticks(void) { u64 now; __asm__ volatile("rdtime %0" : "=r"(now)); return now; }
static const char *number(char *end, u64 value)
{
    *--end = 0;
    do *--end = '0' + value % 10; while (value /= 10);
    return end;
}
static void tell(const char *text)
{
    if (ABI == LINUX) CALL(NR_write, 1, text, length(text));
    if (ABI == XV6) CALL(XV6_WRITE, 1, text, length(text));
    if (ABI == NATIVE) CALL(NATIVE_WRITE, 1, text, length(text));
}
static void stop(i64 status)
{
    if (ABI == LINUX) CALL(NR_exit_group, status);
    if (ABI == XV6) CALL(XV6_EXIT, status);
    if (ABI == NATIVE) CALL(NATIVE_EXIT, status);
}

/* What a Linux program finds: environment, working directory, mounts. */
static void describe(const char **environment)
{
    static char text[4096];
    for (; *environment; environment++) { tell(*environment); tell("\n"); }
    if (CALL(NR_getcwd, text, sizeof text) > 0) tell(text);
    tell("\n");
    i64 file = CALL(NR_openat, AT_FDCWD, "/proc/self/mountinfo", O_RDONLY), size;
    while ((size = CALL(NR_read, file, text, sizeof text)) > 0) CALL(NR_write, 1, text, size);
}

/* The native request: a head, the path, the arguments and the environment. The places in the head are given by -D. */
static u8 request[8192];
static void set(u64 at, int value) { memcpy(request + at, &value, sizeof value); }
static u64 put(u64 at, const char *text, u64 size) { memcpy(request + at, text, size); return at + size; }
static void replace(const char *path, const char **arguments, const char *environment, u64 environment_size)
{
    u64 at = put(HEAD_BYTES, path, length(path)), begin = at;
    set(AT_PATH, at - HEAD_BYTES);
    for (; *arguments; arguments++) at = put(at, *arguments, length(*arguments) + 1);
    set(AT_ARGUMENTS, at - begin);
    set(AT_ENVIRONMENT, environment_size);
    set(AT_DIRECTORY, -1);
    at = put(at, environment, environment_size);
    CALL(NATIVE_REPLACE, request, at);
}

static int hop(int count, const char **arguments, const char **environment, const char *block, u64 block_size)
{
    char left[24], began[24];
    const char *next[MOST + 4];
    if (count < 3 || count > MOST) return 2;
    *(volatile u8 *)(request + sizeof request - 1) = 1; /* each of the three has a page of data that it touches */
    u64 hops = parse_number(arguments[1]), start = parse_number(arguments[2]);
    if (start == 0) start = ticks();
    if (hops == 0) {
        tell(number(left + sizeof left, ticks() - start));
        tell(" ticks\n");
        if (ABI == LINUX) describe(environment);
        return 0;
    }
    next[0] = arguments[3];
    next[1] = number(left + sizeof left, hops - 1);
    next[2] = number(began + sizeof began, start);
    for (int index = 3; index < count; index++) next[index] = arguments[index + 1 < count ? index + 1 : 3];
    next[count] = 0;
    if (ABI == LINUX) CALL(NR_execve, next[0], next, environment);
    if (ABI == XV6) CALL(XV6_EXEC, next[0], next);
    if (ABI == NATIVE) replace(next[0], next, block, block_size);
    tell("hop: exec failed\n");
    return 1;
}

#if ABI == LINUX
int main(int argc, char **argv, char **environment) { return hop(argc, (const char **)argv, (const char **)environment, "", 0); }
#else
int main(int argc, char **argv, char **environment) { return 2; }
struct block { unsigned version, page; u64 clock; unsigned count, variables; u64 arguments, argument_bytes, environment, environment_bytes; };
__attribute__((used)) static void enter(i64 first, const char **second)
{
    if (ABI == XV6) stop(hop((int)first, second, 0, "", 0));
    const struct block *block = (const struct block *)first;
    const char *arguments[MOST + 1], *text = (const char *)block->arguments;
    int count = block->count <= MOST ? block->count : 0;
    for (int index = 0; index < count; index++, text += length(text) + 1) arguments[index] = text;
    stop(hop(count, arguments, 0, (const char *)block->environment, block->environment_bytes));
}
__attribute__((naked)) void _enter(void) { __asm__("andi sp, sp, -16\n tail enter\n"); }
#endif
