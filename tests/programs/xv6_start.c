/* A program for the xv6 ABI as older xv6 links them: `ld -N -e main -Ttext 0`, no start code, the one page of stack that the kernel gives.
 * Prints its arguments, uses data, bss, heap and all of the stack page, and reads below it in a child, which must be killed. */
typedef unsigned long u64;

static long call(long n, long a, long b, long c)
{
    register long a7 __asm__("a7") = n, a0 __asm__("a0") = a, a1 __asm__("a1") = b, a2 __asm__("a2") = c;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2) : "memory");
    return a0;
}

enum { FORK = 1, EXIT = 2, WAIT = 3, SBRK = 12, WRITE = 16 };

static char text[] = "data and bss\n";
static volatile char bss[20000];

static void say(const char *s)
{
    long n = 0;
    while (s[n])
        n++;
    call(WRITE, 1, (long)s, n);
}

static u64 stack_pointer(void)
{
    u64 sp;
    __asm__ volatile("mv %0, sp" : "=r"(sp));
    return sp;
}

int main(int argc, char *argv[])
{
    for (int i = 0; i < argc; i++) {
        say((u64)argv[i] % 16 == 0 ? argv[i] : "unaligned");
        say(i + 1 < argc ? " " : "\n");
    }
    if (argv[argc] != 0 || (u64)argv % 16 != 0 || bss[0] != 0 || bss[sizeof bss - 1] != 0)
        call(EXIT, 1, 0, 0);
    bss[sizeof bss - 1] = text[0];
    say(text);
    u64 page = stack_pointer() & ~4095ul;
    *(volatile char *)page = 1;
    char *heap = (char *)call(SBRK, 8192, 0, 0);
    if ((u64)heap != page + 4096)
        call(EXIT, 2, 0, 0);
    heap[8191] = 1;
    int status = 0;
    if (call(FORK, 0, 0, 0) == 0) {
        (void)*(volatile char *)(page - 1);
        call(EXIT, 0, 0, 0);
    }
    call(WAIT, (long)&status, 0, 0);
    say(status == -1 ? "the guard page kills\n" : "no guard page\n");
    call(EXIT, 0, 0, 0);
    return 0;
}
