/* Programs that nobody wrote: `fuzz calls SEED FIRST COUNT TABLE [FREE]` makes system calls with random arguments that fit the types
 * which TABLE names (tests/qemu/fuzz.py writes it), CALLS of them in each of COUNT children; `fuzz code SEED FIRST COUNT` lets each child run a page
 * of random bytes or random instructions, with random registers. The n-th child of a seed always does the same.
 *
 * Each child has a user identity of its own, tight limits, files of all kinds as descriptors 0 to 15, and an alarm that ends its sleeps. What it started
 * ends with it. With FREE, no more pages than that are free when the first one begins. A line for each child that does not end when it is killed ("immortal"), or that was killed and not by us ("killed"); at last `N calls, M children`. */
#include "tiny.h"

enum { CALLS = 150, FILES = 16, PATIENCE = 150, IDENTITY = 12345, ARENA_BYTES = 1 << 16, TABLE_BYTES = 1 << 15 };
#define ARENA 0x20000000UL
#define CODE 0x30000000UL
static volatile u64 *shared; /* the number of calls so far, of the last one, and its arguments */
static char table[TABLE_BYTES];
static char *lines[512];
static u64 line_count, total, seed_state;

static u64 any(void) { seed_state ^= seed_state << 13, seed_state ^= seed_state >> 7, seed_state ^= seed_state << 17; return seed_state * 0x2545f4914f6cdd1dUL; }
static u64 below(u64 n) { return (any() >> 16) % n; }
static int chance(u64 in) { return below(in) == 0; }
static void seed(u64 a, u64 b) { seed_state = (a * 0x9e3779b97f4a7c15UL ^ (b + 1) * 0xbf58476d1ce4e5b9UL) | 1; for (int i = 0; i < 8; i++) any(); }

/* ---- values */

static const char *paths[] = {
    "a", "b", "d", "d/e", "d/../a", "l", "./", "..", "", "/", "/tmp/fuzz/a", "/tmp", "/proc/self", "/proc/self/maps", "/proc/self/fd/3", "/proc/self/fd", "/proc/self/exe", "/proc/1/status",
    "/proc", "/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/console", "/dev", "/bin/true", "/bin/busybox", "/etc", "/sys", "/proc/net", "/scarlet", "/home", "name", "s", "p", "/tmp/fuzz/d/e/f", "ext4", "tmpfs", "proc", "user.x", "socket", "/proc/self/stat",
    "/proc/self/cmdline", "/proc/self/mounts", "/proc/net/dev", "/proc/sys/kernel/hostname", "/dev/random", "/dev/shm", "/proc/self/comm", "/proc/self/cwd/a", "/proc/self/root",
};
static const i64 edges[] = {0, 1, 2, 3, 4, 7, 8, 15, 16, 64, 100, 127, 255, 256, 1000, 1024, 4095, 4096, 4097, 65535, 65536, 1 << 20, 0x7fffffff, 0x80000000, 0xffffffff, -1, -2, -100, -4096,
    0x7fffffffffffffff, -0x7fffffffffffffff - 1, 1L << 38, 0x100000000, 0x7ffffffff000, 1L << 62};
#define PICK(list) (list)[below(sizeof(list) / sizeof *(list))]

static u64 address(void)
{
    switch (below(16)) {
    case 0: return 0;
    case 1: return (u64)PICK(edges);
    case 2: return ARENA + ARENA_BYTES - below(64); /* runs into a page without rights */
    case 3: return (u64)paths[0] & -4096UL;         /* read-only */
    case 4: return 0xffffffc000000000UL + any() % (1UL << 38);
    case 5: return any();
    default: return ARENA + (below(ARENA_BYTES) & (chance(4) ? -1UL : -4096UL));
    }
}
static u64 number(void) { return chance(3) ? (u64)PICK(edges) : chance(8) ? any() : below(chance(2) ? 8 : 200); }
static u64 path(void) { return chance(20) ? address() : (u64)PICK(paths); }
static u64 size(void) { return chance(6) ? (u64)PICK(edges) : chance(2) ? below(9000) : below(130); }
static u64 word(void) /* of a structure */
{
    switch (below(8)) {
    case 0: return any();
    case 1: return address();
    case 2: return path();
    case 3: return below(1 << 16) | below(1 << 16) << 32;
    case 4: return below(20) | below(20) << 32;
    default: return number();
    }
}
static u64 structure(void) /* somewhere in the arena, filled */
{
    if (chance(12)) return address();
    u64 *at = (u64 *)(ARENA + (below(ARENA_BYTES - 512) & (chance(10) ? -1UL : -8UL)));
    for (int i = 0; i < 24; i++) at[i] = word();
    return (u64)at;
}
static u64 vector(void) /* of buffers */
{
    u64 *at = (u64 *)(ARENA + (below(ARENA_BYTES - 512) & -8UL));
    for (int i = 0; i < 8; i++) at[2 * i] = address(), at[2 * i + 1] = size();
    return (u64)at;
}
static u64 strings(void)
{
    u64 *at = (u64 *)(ARENA + (below(ARENA_BYTES - 512) & -8UL)), count = below(6);
    for (u64 i = 0; i < count; i++) at[i] = path();
    at[count] = 0;
    return (u64)at;
}
static u64 message(void)
{
    u64 *at = (u64 *)(ARENA + (below(ARENA_BYTES - 512) & -8UL)), iov = vector(), name = structure(), control = structure();
    *(u64 *)(control & -8UL) = 16 + below(4) * 4, ((unsigned *)(control & -8UL))[2] = 1, ((unsigned *)(control & -8UL))[3] = below(3);
    for (int i = 4; i < 8; i++) ((unsigned *)(control & -8UL))[i] = below(FILES);
    at[0] = chance(2) ? 0 : name, at[1] = size(), at[2] = iov, at[3] = below(9), at[4] = chance(3) ? 0 : control & -8UL, at[5] = chance(3) ? size() : 16 + below(5) * 4, at[6] = 0;
    return (u64)at;
}
static u64 socket_address(void)
{
    static const unsigned short families[] = {0, 1, 1, 1, 2, 2, 10, 16, 17, 99};
    u8 *at = (u8 *)(ARENA + (below(ARENA_BYTES - 512) & -8UL));
    for (int i = 0; i < 16; i++) ((u64 *)at)[i] = chance(2) ? 0 : any();
    *(unsigned short *)at = PICK(families);
    if (at[0] == 1 && !chance(3)) at[2] = chance(2) ? 0 : 's', at[3] = 's', at[4] = 0;
    if (at[0] == 2 && !chance(3)) at[4] = 127, at[5] = 0, at[6] = 0, at[7] = 1, at[2] = 0x20, at[3] = (u8)below(4);
    return chance(15) ? address() : (u64)at;
}
static u64 moment(void)
{
    u64 *at = (u64 *)(ARENA + (below(ARENA_BYTES - 512) & -8UL));
    for (int i = 0; i < 4; i++) at[i] = chance(10) ? number() : i & 1 ? below(3000000) : 0;
    return chance(5) ? 0 : chance(15) ? address() : (u64)at;
}

/* ---- the table: a line `NUMBER KIND ...` for each call; a kind is a letter, F and E with a number or numbers behind them */

static u64 parse(char **at) { u64 n = 0; int minus = **at == '-'; if (minus) ++*at; while (**at >= '0' && **at <= '9') n = n * 10 + (u64)(*(*at)++ - '0'); return minus ? -n : n; }
static u64 argument(char **at)
{
    u64 values[256], count = 0;
    char kind = *(*at)++;
    if (kind == 'F' || kind == 'E')
        do { u64 value = parse(at); if (count < 256) values[count++] = value; } while (**at == ',' && ++*at);
    while (**at == ' ') ++*at;
    if (chance(40)) return any();
    switch (kind) {
    case 'F': return chance(4) ? 0 : chance(20) ? number() : (u64[]){values[0] & any() & any(), values[0] & 1UL << below(32), values[0] & any() & any() & any()}[below(3)];
    case 'E': return chance(15) ? number() : values[below(count)];
    case 'f': return chance(15) ? number() : below(FILES + 4);
    case 'd': return chance(4) ? below(FILES + 2) : chance(20) ? number() : (u64)AT_FDCWD;
    case 'p': return path();
    case 'b': return structure();
    case 'i': return vector();
    case 'v': return strings();
    case 'm': return message();
    case 'a': return socket_address();
    case 't': return moment();
    case 's': return chance(10) ? number() : below(66);
    case 'A': return address();
    case 'z': return size();
    default: return number();
    }
}

static void call_at_random(void)
{
    u64 arguments[6], n;
    for (int i = 0; i < 6; i++) arguments[i] = any();
    static const u64 unknown[] = {0, 13, 245, 300, 463, 1000, 1UL << 32, 1UL << 63, -1UL}; /* the kernel remembers what it saw */
    if (chance(50)) n = PICK(unknown);
    else {
        char *at = lines[below(line_count)];
        n = parse(&at);
        while (*at == ' ') at++;
        for (int i = 0; i < 6 && *at; i++) arguments[i] = argument(&at);
    }
    if (n == NR_exit || n == NR_exit_group || n == 157) if (!chance(50)) return; /* else no child would come far */
    shared[1] = n;
    for (int i = 0; i < 6; i++) shared[2 + i] = arguments[i];
    call6((i64)n, (i64)arguments[0], (i64)arguments[1], (i64)arguments[2], (i64)arguments[3], (i64)arguments[4], (i64)arguments[5]);
    shared[0]++;
}

/* ---- code: a page that loads its own registers from a table in its middle, then goes on into what is random */

static unsigned instruction(void)
{
    static const unsigned opcodes[] = {0x03, 0x23, 0x13, 0x33, 0x1b, 0x3b, 0x2f, 0x07, 0x27, 0x53, 0x43, 0x63, 0x73, 0x0f, 0x6f, 0x67, 0x17, 0x37};
    switch (below(8)) {
    case 0: return (unsigned)any();
    case 1: return 0x00000073;                                         /* ecall */
    case 2: return 0x00000893 | (unsigned)below(300) << 20;            /* li a7, n */
    case 3: return (unsigned)(any() << 16 | (any() & 0xffff)) & ~3U;   /* two compressed ones */
    case 4: return 0x10500073 ^ (chance(2) ? 0 : (unsigned)below(0x1000) << 20);
    default: return ((unsigned)any() & ~0x7fU) | PICK(opcodes);
    }
}
static void run_code(void)
{
    static const u64 hostile[] = {0, -1UL, 0xffffffc000000000UL, 0xffffffc080200000UL, 0xffffffff80200000UL, 0xffffffd000000000UL, 0x8000000000000000UL, 0x4000000000UL, 0x3ffffff000UL, CODE, ARENA, ARENA + 3, 1, 0x3fffffffffUL};
    unsigned *code = (unsigned *)CODE;
    u64 *registers = (u64 *)(CODE + 1024);
    CALL(NR_mmap, CODE, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | 0x10, -1, 0);
    int bytes = chance(3);
    for (u64 i = 0; i < 2048; i++) code[i] = bytes ? (unsigned)any() : instruction();
    code[0] = 0x00000f97; /* auipc t6, 0 */
    for (u64 r = 1; r < 32; r++) registers[r] = chance(3) ? any() : PICK(hostile), code[r] = (unsigned)(1024 + 8 * r) << 20 | 31U << 15 | 3U << 12 | (unsigned)r << 7;
    CALL(NR_mprotect, CODE, 8192, chance(2) ? PROT_READ | PROT_EXEC : PROT_READ | PROT_WRITE | PROT_EXEC);
    __asm__ volatile("fence.i\n jr %0" ::"r"(CODE) : "memory");
}

/* ---- children */

static void on_alarm(int number) { }
static void prepare(int code)
{
    static const struct { u64 which, most; } limits[] = {{0, 3}, {1, 1 << 20}, {3, 1 << 20}, {4, 0}, {6, 25}, {7, 40}, {9, 48 << 20}, {8, 1 << 16}, {12, 1 << 16}, {11, 64}};
    static struct { void (*handler)(int); u64 flags, mask; } action = {on_alarm, 0, 0};
    static const u64 often[4] = {0, 4000, 0, 8000}, once[4] = {0, 0, 0, 20000};
    static const char *files[] = {"a", "/dev/zero", "/dev/null", "/proc/self/maps", "/tmp/fuzz", "/dev/urandom"};
    int pair[2];
    for (u64 i = 0; i < sizeof limits / sizeof *limits; i++) { u64 both[2] = {limits[i].most, limits[i].most}; CALL(NR_prlimit64, 0, limits[i].which, both, 0); }
    CALL(144, IDENTITY), CALL(159, 0, 0), CALL(NR_setuid, IDENTITY);
    CALL(436, 0, -1, 0); /* close_range */
    CALL(NR_chdir, "/tmp/fuzz"), CALL(NR_mkdirat, AT_FDCWD, "d", 0755), CALL(NR_symlinkat, "a", AT_FDCWD, "l"), CALL(33, AT_FDCWD, "p", 010644, 0);
    for (u64 i = 0; i < 6; i++) if (CALL(NR_openat, AT_FDCWD, files[i], i == 0 ? O_RDWR | O_CREAT : i < 3 ? O_RDWR : O_RDONLY, 0644) < 0) CALL(NR_dup, 0);
    CALL(NR_pipe2, pair, 0), CALL(199, 1, 1, 0, pair), CALL(199, 1, 2, 0, pair); /* 6 to 11: a pipe, a stream, datagrams */
    CALL(198, 2, 2, 0), CALL(198, 16, 3, 0), CALL(198, 1, 1, 0), CALL(279, "m", 0); /* UDP, netlink, a stream that is not connected, a file in memory */
    CALL(NR_mmap, ARENA, ARENA_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | 0x10, -1, 0);
    CALL(NR_mmap, ARENA + ARENA_BYTES, 4096, 0, MAP_PRIVATE | MAP_ANONYMOUS | 0x10, -1, 0);
    if (!code) CALL(NR_rt_sigaction, 14, &action, 0, 8);
    CALL(NR_setitimer, 0, code ? once : often, 0);
}
static void live(int code)
{
    prepare(code);
    if (code) run_code();
    i64 me = CALL(178), group = CALL(NR_getpid);
    for (int i = 0; i < CALLS && CALL(178) == me && CALL(NR_getpid) == group; i++) call_at_random();
    leave(0);
}

/* ---- whoever watches them */

static const u64 tick[2] = {0, 2000000};
static u64 ended[3], stalled; /* by themselves, by a signal, and those that no alarm woke */
static void tell(const char *what, u64 child)
{
    say(what), say(" child "), say_number((i64)child), say(" call");
    for (int i = 1; i < 8; i++) say(" "), say_number((i64)shared[i]);
    say("\n");
}
static int ends(i64 pid, int *status) /* within our patience, as long as its counter stands still */
{
    u64 last = shared[0];
    for (int i = 0; i < PATIENCE; i++) {
        int found;
        i64 got = CALL(NR_wait4, -1, &found, 1, 0);
        if (got == pid || (pid == -1 && got < 0)) return *status = found, 1;
        if (got > 0 || shared[0] != last) { i = 0, last = shared[0]; continue; }
        CALL(NR_nanosleep, tick, 0);
    }
    return 0;
}
static void watch(u64 child, int code)
{
    int status = 0, ours = 0;
    i64 pid = fork();
    if (pid == 0) live(code);
    if (pid < 0) return; /* no memory for it */
    if (!ends(pid, &status)) {
        CALL(NR_kill, pid, SIGKILL), ours = 1, stalled++;
        for (int i = 0; !ends(pid, &status); i++) if (i == 20) { tell("immortal", child); leave(1); }
    }
    if ((status & 127) == SIGKILL && !ours) tell("killed", child);
    ended[(status & 127) != 0]++;
    for (int i = 0; i < PATIENCE; i++) { /* the end of all that has its identity; who brings it may find no memory either */
        i64 end = fork();
        if (end == 0) { CALL(NR_setuid, IDENTITY), CALL(NR_kill, -1, SIGKILL); leave(0); }
        if (end > 0 && ends(end, &status) && status == 0) break;
        CALL(NR_nanosleep, tick, 0);
    }
    for (int i = 0; !ends(-1, &status); i++) if (i == 20) { tell("immortal descendant of", child); leave(1); }
}

static void leave_free(i64 wanted)
{
    static struct { i64 uptime; u64 loads[3], total, free; u64 rest[12]; } info;
    CALL(179, &info); /* sysinfo */
    i64 pages = (i64)info.free / 4096 - wanted, zero = CALL(NR_openat, AT_FDCWD, "/dev/zero", O_RDONLY);
    if (pages <= 0) return;
    u8 *area = (u8 *)CALL(NR_mmap, 0, pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (i64 i = 0; i < pages && CALL(NR_read, zero, area + i * 4096, 1) == 1; i++) { } /* a failed read kills nobody */
    CALL(NR_close, zero);
}

int main(int argc, char **argv, char **environment)
{
    if (argc < 5) return 2;
    int code = argv[1][1] == 'o';
    u64 number = (u64)parse_number(argv[2]), first = (u64)parse_number(argv[3]), count = (u64)parse_number(argv[4]);
    if (!code) {
        i64 fd = CALL(NR_openat, AT_FDCWD, argv[5], O_RDONLY), got, have = 0;
        while ((got = CALL(NR_read, fd, table + have, TABLE_BYTES - 1 - have)) > 0) have += got;
        char *at = table;
        while (*at) { lines[line_count++] = at; while (*at && *at != '\n') at++; if (*at) *at++ = 0; }
        if (line_count == 0) return 3;
    }
    shared = (volatile u64 *)CALL(NR_mmap, 0, 4096, PROT_READ | PROT_WRITE, 1 | MAP_ANONYMOUS, -1, 0);
    CALL(NR_mkdirat, AT_FDCWD, "/tmp/fuzz", 0777), CALL(NR_fchmodat, AT_FDCWD, "/tmp/fuzz", 0777);
    CALL(NR_prctl, 36, 1); /* orphans come to us */
    if (argc > 6) leave_free(parse_number(argv[6]));
    for (u64 i = first; i < first + count; i++) seed(number, i), shared[0] = 0, watch(i, code), total += shared[0];
    say_number((i64)total), say(" calls, "), say_number((i64)count), say(" children, "), say_number((i64)ended[0]), say(" exited, "), say_number((i64)ended[1]), say(" by signals, "), say_number((i64)stalled), say(" stalled\n");
    return 0;
}
