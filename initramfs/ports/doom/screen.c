/* DOOM's picture on a Linux framebuffer, in place of doomgeneric's own video code.

   DOOM draws 320 x 200 bytes, indexes into a palette. They are shown magnified by the largest whole factor that fits, in the middle of
   the screen. A row that is as it was is not drawn again, so that a picture that stands still costs nothing. */

#include <fcntl.h>
#include <linux/fb.h>
#include <linux/kd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "platform.h"

#include "d_event.h"
#include "doomtype.h"
#include "i_video.h"
#include "tables.h"
#include "v_video.h"
#include "z_zone.h"

#define WIDTH SCREENWIDTH
#define HEIGHT SCREENHEIGHT

/* What the rest of DOOM expects of its video code. */
byte *I_VideoBuffer = NULL;
boolean screensaver_mode = false;
boolean screenvisible = true;
float mouse_acceleration = 2.0;
int mouse_threshold = 10;
int usegamma = 0;
int usemouse = 0;
int fb_scaling = 1;

void I_GetEvent(void);
int I_InitInput(void);

static int terminal = -1;
static uint8_t *pixels;
static size_t mapped;
static uint32_t stride;
static uint8_t *corner;
static int scale;
static struct fb_var_screeninfo mode;

static uint32_t colours[256];
static byte shown[WIDTH * HEIGHT];
static boolean all_changed = true;

static void fail(const char *what)
{
    fprintf(stderr, "doom: %s\n", what);
    exit(1);
}

static int smaller(int left, int right)
{
    return left < right ? left : right;
}

/* A plain file of $DOOM_SIZE pixels (640x400) in place of a framebuffer: the picture can be looked at anywhere. */
static int pretend(const char *size)
{
    mode.bits_per_pixel = 32;
    mode.red.offset = 16;
    mode.green.offset = 8;
    return sscanf(size, "%ux%u", &mode.xres, &mode.yres) == 2;
}

void screen_open(void)
{
    const char *path = getenv("DOOM_FB"), *size = getenv("DOOM_SIZE");
    int file = open(path ? path : "/dev/fb0", O_RDWR);
    struct fb_fix_screeninfo fixed;

    if (file < 0) {
        perror("doom: the framebuffer /dev/fb0 cannot be opened");
        exit(1);
    }
    if (size && pretend(size))
        fixed.line_length = mode.xres * 4;
    else if (ioctl(file, FBIOGET_VSCREENINFO, &mode) || ioctl(file, FBIOGET_FSCREENINFO, &fixed))
        fail("the framebuffer does not say what it is like");
    if (mode.bits_per_pixel != 32)
        fail("the framebuffer has not got 32 bits a pixel");
    scale = smaller(mode.xres / WIDTH, mode.yres / HEIGHT);
    if (scale < 1)
        fail("the screen is smaller than 320 x 200");
    stride = fixed.line_length;
    mapped = (size_t)stride * mode.yres;
    pixels = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (pixels == MAP_FAILED)
        fail("the framebuffer cannot be mapped");
    close(file);

    terminal = open("/dev/tty0", O_RDWR | O_CLOEXEC);
    if (terminal >= 0)
        ioctl(terminal, KDSETMODE, KD_GRAPHICS); /* text stays away; it comes back when the terminal is closed */
    memset(pixels, 0, mapped);
    corner = pixels + (size_t)(mode.yres - HEIGHT * scale) / 2 * stride + (mode.xres - WIDTH * scale) / 2 * 4;
}

void screen_close(void)
{
    if (terminal >= 0) {
        ioctl(terminal, KDSETMODE, KD_TEXT);
        close(terminal);
        terminal = -1;
    }
}

/* One row of DOOM's picture as it is on the screen. */
static void magnify(const byte *from, uint32_t *to)
{
    int x, copy;

    switch (scale) {
    case 1:
        for (x = 0; x < WIDTH; x++)
            *to++ = colours[from[x]];
        break;
    case 2:
    case 4:
        for (x = 0; x < WIDTH; x++) {
            uint64_t pair = (uint64_t)colours[from[x]] << 32 | colours[from[x]];
            for (copy = 0; copy < scale; copy += 2, to += 2)
                memcpy(to, &pair, 8);
        }
        break;
    default:
        for (x = 0; x < WIDTH; x++)
            for (copy = 0; copy < scale; copy++)
                *to++ = colours[from[x]];
    }
}

void I_FinishUpdate(void)
{
    static uint32_t line[16384];
    const size_t bytes = (size_t)WIDTH * scale * 4;
    int y, copy;

    for (y = 0; y < HEIGHT; y++) {
        const byte *from = I_VideoBuffer + y * WIDTH;
        uint8_t *to = corner + (size_t)y * scale * stride;

        if (!all_changed && memcmp(from, shown + y * WIDTH, WIDTH) == 0)
            continue;
        memcpy(shown + y * WIDTH, from, WIDTH);
        magnify(from, line);
        for (copy = 0; copy < scale; copy++, to += stride)
            memcpy(to, line, bytes);
    }
    all_changed = false;
    frame_shown();
}

void I_SetPalette(byte *palette)
{
    int i;

    for (i = 0; i < 256; i++) {
        uint32_t red = gammatable[usegamma][*palette++];
        uint32_t green = gammatable[usegamma][*palette++];
        uint32_t blue = gammatable[usegamma][*palette++];
        uint32_t colour = red << mode.red.offset | green << mode.green.offset | blue << mode.blue.offset;

        if (colours[i] != colour) {
            colours[i] = colour;
            all_changed = true;
        }
    }
}

int I_GetPaletteIndex(int red, int green, int blue)
{
    int i, best = 0, nearest = 3 * 256 * 256;

    for (i = 0; i < 256 && nearest > 0; i++) {
        int r = (int)(colours[i] >> mode.red.offset & 255) - red;
        int g = (int)(colours[i] >> mode.green.offset & 255) - green;
        int b = (int)(colours[i] >> mode.blue.offset & 255) - blue;
        int distance = r * r + g * g + b * b;

        if (distance < nearest) {
            nearest = distance;
            best = i;
        }
    }
    return best;
}

void I_InitGraphics(void)
{
    screen_open();
    keys_open();
    I_VideoBuffer = (byte *)Z_Malloc(WIDTH * HEIGHT, PU_STATIC, NULL);
    memset(I_VideoBuffer, 0, WIDTH * HEIGHT);
    I_InitInput();
}

void I_ShutdownGraphics(void)
{
    keys_close();
    screen_close();
}

void I_ReadScreen(byte *to)
{
    memcpy(to, I_VideoBuffer, WIDTH * HEIGHT);
}

void I_StartTic(void)
{
    I_GetEvent();
}

/* Nothing to do here. */
void I_StartFrame(void) {}
void I_UpdateNoBlit(void) {}
void I_BeginRead(void) {}
void I_EndRead(void) {}
void I_SetWindowTitle(char *title) {}
void I_GraphicsCheckCommandLine(void) {}
void I_SetGrabMouseCallback(grabmouse_callback_t call) {}
void I_EnableLoadingDisk(void) {}
void I_BindVideoVariables(void) {}
void I_DisplayFPSDots(boolean on) {}
void I_CheckIsScreensaver(void) {}
