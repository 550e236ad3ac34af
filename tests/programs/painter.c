/* painter: draws on /dev/fb0 through a mapping, in three pictures; after each it says so and waits for a line.
 * Pixel (x, y) is x << 16 | y << 8 | picture. It dies in graphics mode: the terminal is to come back by itself. */
#include "tiny.h"

enum { FBIOGET_VSCREENINFO = 0x4600, FBIOPUT_VSCREENINFO = 0x4601, FBIOGET_FSCREENINFO = 0x4602, FBIOPAN_DISPLAY = 0x4606 };
enum { KDSETMODE = 0x4B3A, KD_GRAPHICS = 1, MAP_SHARED = 1 };

static unsigned variable[40], fixed[20];
static char line[64];

static void step(const char *words) { say(words), CALL(NR_read, 0, line, sizeof line); }

int main(int argc, char **argv, char **environment)
{
    i64 screen = CALL(NR_openat, AT_FDCWD, "/dev/fb0", O_RDWR), terminal = CALL(NR_openat, AT_FDCWD, "/dev/tty1", O_RDWR);
    if (screen < 0 || terminal < 0) return 3;
    if (CALL(NR_ioctl, screen, FBIOGET_VSCREENINFO, variable) || CALL(NR_ioctl, screen, FBIOGET_FSCREENINFO, fixed)) return 4;
    unsigned width = variable[0], height = variable[1], stride = fixed[12], size = fixed[6];
    if (variable[6] != 32 || stride < width * 4 || size < stride * height) return 5;
    u8 *pixels = (u8 *)CALL(NR_mmap, 0, size, PROT_READ | PROT_WRITE, MAP_SHARED, screen, 0);
    if ((u64)pixels > -4096UL) return 6;
    if (CALL(NR_ioctl, terminal, KDSETMODE, KD_GRAPHICS)) return 7;
    for (unsigned y = 0; y < height; y++)
        for (unsigned x = 0; x < width; x++) ((unsigned *)(pixels + y * stride))[x] = (x & 255) << 16 | (y & 255) << 8 | 1;
    step("all\n");
    for (unsigned x = 0; x < width; x++) ((unsigned *)(pixels + 100 * stride))[x] = 2;
    step("a row\n");
    for (unsigned y = 0; y < height; y++) *(unsigned *)(pixels + y * stride) = 3;
    step("a column\n");
    return 0;
}
