/* execve of ELF files that lie: its own file, truncated at many lengths and with each byte of its headers replaced. Whatever comes of one
 * - an errno, a signal, or the program after all - the kernel goes on. Prints how many there were, and any errno that makes no sense. */
#include "tiny.h"

static u8 image[1 << 16];
static char *child_argv[] = {"/tmp/liar", "--child", 0};

static void write_file(u64 size)
{
    i64 fd = CALL(NR_openat, AT_FDCWD, "/tmp/liar", O_WRONLY | O_CREAT | O_TRUNC, 0755);
    CALL(NR_write, fd, image, size);
    CALL(NR_close, fd);
}
static void try_it(const char *what, i64 where)
{
    i64 pid = fork();
    if (pid == 0) leave(-CALL(NR_execve, "/tmp/liar", child_argv, 0));
    int status = wait_for(pid), code = status >> 8 & 255;
    if (!(status & 127) && code != 42 && code != ENOEXEC && code != EINVAL && code != ENOMEM && code != ENOENT && code != EACCES && code != EFAULT) {
        say(what), say(" at "), say_number(where), say(": "), say_number(code), say("\n");
    }
}
int main(int argc, char **argv, char **environment)
{
    static const u8 values[] = {0, 1, 0x7f, 0x80, 0xff};
    i64 tries = 0;
    if (argc > 1) return 42;
    i64 fd = CALL(NR_openat, AT_FDCWD, "/proc/self/exe", O_RDONLY);
    i64 size = CALL(NR_read, fd, image, sizeof image);
    CALL(NR_close, fd);
    if (size < 1000) return 1;
    for (i64 length = 0; length < 400; length += 7, tries++) write_file((u64)length), try_it("length", length);
    for (i64 length = 400; length < size; length += 613, tries++) write_file((u64)length), try_it("length", length);
    for (i64 at = 0; at < 64 + 56 * 4; at++) {
        u8 was = image[at];
        for (u64 v = 0; v < sizeof values; v++, tries++) image[at] = values[v], write_file((u64)size), try_it("byte", at);
        image[at] = was;
    }
    write_file((u64)size);
    i64 pid = fork();
    if (pid == 0) leave(-CALL(NR_execve, "/tmp/liar", child_argv, 0));
    if (wait_for(pid) >> 8 != 42) say("the true file does not run\n");
    CALL(NR_unlinkat, AT_FDCWD, "/tmp/liar", 0);
    say_number(tries), say(" liars\n");
    return 0;
}
