/* A machine that behaves on its UART as the kernel does in pipe mode, for the tests of the command's transport:
 * it says that the program starts, echoes its standard input and ends with status 7 at the end of it. The input byte 0xfe
 * ends it as a panic does, 0xfd stops it without an end. Bare metal: entered by OpenSBI in S-mode. */
#define UART ((volatile unsigned char *)0x10000000)
#define FINISHER (*(volatile unsigned *)0x100000)
enum { DLE = 0x10, RECEIVED = 1, SENT_ALL = 0x40, SEMIHOSTING_WRITE0 = 4 };

__attribute__((naked, section(".text.boot"))) void _start(void) { __asm__("la sp, stack_top\n j run\n"); }
__attribute__((used, aligned(16))) static char stack[4096];
__asm__(".globl stack_top\n.set stack_top, stack + 4096\n");

static void put(char c) { while (!(UART[5] & 0x20)) { } UART[0] = c; }
static unsigned char get(void) { while (!(UART[5] & RECEIVED)) { } return UART[0]; }

__attribute__((naked, noinline, aligned(16))) static long semihosting(long call, const void *argument)
{
    __asm__(".option push\n.option norvc\n slli x0, x0, 0x1f\n ebreak\n srai x0, x0, 7\n ret\n.option pop\n");
}
static void end(unsigned status)
{
    while (!(UART[5] & SENT_ALL)) { }
    FINISHER = status ? status << 16 | 0x3333 : 0x5555;
    for (;;) { }
}
__attribute__((used)) static void run(void)
{
    UART[2] = 1; /* FIFOs on */
    semihosting(SEMIHOSTING_WRITE0, "stand-in: up\n");
    put(DLE); put('B');
    for (;;) {
        unsigned char c = get();
        if (c == 0xfe) { semihosting(SEMIHOSTING_WRITE0, "kernel panic: asked for\n"); end(255); }
        if (c == 0xfd) for (;;) { }
        if (c == DLE && (c = get()) == 'E') end(7);
        put(c);
    }
}
