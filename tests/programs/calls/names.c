/* Names: making, linking, renaming and removing them, with every kind of path at the end. */
#include "calls.h"

static char text[8192];
static char long_name[300], long_path[5000];
static Stat s;

static const char *const odd[] = {"", ".", "..", "/", "dir", "dir/", "dir/.", "dir/..", "full", "full/", "file", "file/", "file/.", "file/x", "link", "link/", "dlink", "dlink/", "dangling", "dangling/",
    "loop", "loop/", "none", "none/", "none/x", "dir/none", "dir//none", "dir/none/", "./file", "dir/../file", "dlink/../file", long_name, long_path};
enum { ODD = sizeof odd / sizeof *odd };

static void clean(void)
{
    static const char *const names[] = {"new", "newfile", "dir/none", "dangling", "loop", "link", "dlink", "file", "other", "none", "full/inside", "missing", "fifo", "target"};
    for (u64 i = 0; i < sizeof names / sizeof *names; i++) unlink(names[i]), rmdir(names[i]);
    rmdir("dir/none"), rmdir("dir"), rmdir("full");
}
static void scene(void)
{
    clean();
    mkdir("dir", 0755), mkdir("full", 0755), make("full/inside", "x"), make("file", "contents"), make("other", "other");
    symlink("file", "link"), symlink("dir", "dlink"), symlink("missing", "dangling"), symlink("loop", "loop");
}
static void each(const char *what, i64 (*call)(const char *))
{
    title(what);
    for (int i = 0; i < ODD; i++) {
        scene();
        const char *path = odd[i];
        i64 result = call(path);
        say(what), say(" '"), say(length(path) > 100 ? "(long)" : path), say("' = "), say_number(result), say("\n");
    }
    scene();
    say(what), say(" NULL = "), say_number(call(NULL)), say("\n");
}
static i64 shut(i64 fd) { if (fd >= 0) { close(fd); return 0; } return fd; }
#define CALLER(name, expression) static i64 name(const char *p) { return expression; }
CALLER(open_read, shut(open(p, O_RDONLY, 0)))
CALLER(open_write, shut(open(p, O_WRONLY, 0)))
CALLER(open_creat, shut(open(p, O_RDONLY | O_CREAT, 0644)))
CALLER(open_excl, shut(open(p, O_WRONLY | O_CREAT | O_EXCL, 0644)))
CALLER(open_trunc, shut(open(p, O_RDWR | O_TRUNC, 0)))
CALLER(open_directory, shut(open(p, O_RDONLY | O_DIRECTORY, 0)))
CALLER(open_creat_directory, shut(open(p, O_RDONLY | O_DIRECTORY | O_CREAT, 0700)))
CALLER(open_nofollow, shut(open(p, O_RDONLY | O_NOFOLLOW, 0)))
CALLER(open_creat_nofollow, shut(open(p, O_WRONLY | O_CREAT | O_NOFOLLOW, 0644)))
CALLER(open_path, shut(open(p, O_PATH, 0)))
CALLER(open_path_nofollow, shut(open(p, O_PATH | O_NOFOLLOW, 0)))
CALLER(open_tmpfile, shut(open(p, O_TMPFILE | O_RDWR, 0600)))
CALLER(open_tmpfile_read, shut(open(p, O_TMPFILE | O_RDONLY, 0600)))
CALLER(do_mkdir, mkdir(p, 0755))
CALLER(do_mknod, mknod(p, S_IFIFO | 0644, 0))
CALLER(do_mknod_zero, mknod(p, 0644, 0))
CALLER(do_mknod_dir, mknod(p, S_IFDIR | 0644, 0))
CALLER(do_unlink, unlink(p))
CALLER(do_rmdir, rmdir(p))
CALLER(do_symlink, symlink("target", p))
CALLER(link_to, link("other", p))
CALLER(link_from, link(p, "newfile"))
CALLER(link_follow, linkat(AT_FDCWD, p, AT_FDCWD, "newfile", AT_SYMLINK_FOLLOW))
CALLER(rename_file_to, rename("other", p))
CALLER(rename_dir_to, (mkdir("new", 0755), rename("new", p)))
CALLER(rename_from, rename(p, "newfile"))
CALLER(rename_from_to_dir, (mkdir("new", 0755), rename(p, "new")))
CALLER(rename_into_dir, rename("dir", p))
CALLER(noreplace, rename2("other", p, RENAME_NOREPLACE))
CALLER(exchange, rename2("other", p, RENAME_EXCHANGE))
CALLER(do_stat, stat(p, &s))
CALLER(do_lstat, lstat(p, &s))
CALLER(do_readlink, readlink(p, text, sizeof text))
CALLER(do_truncate, truncate(p, 3))
CALLER(do_access, access(p, 0))
CALLER(do_access_x, access(p, 1))
CALLER(do_chmod, chmod(p, 0755))
CALLER(do_chown, chown(p, 0, 0))
CALLER(do_utimens, CALL(NR_utimensat, AT_FDCWD, p, 0, 0))
CALLER(do_statfs, CALL(NR_statfs, p, text))

static i64 do_chdir(const char *p) { i64 here = open(".", O_RDONLY, 0), r = chdir(p); CALL(NR_fchdir, here); close(here); return r; }

int main(int argc, char **argv, char **environment)
{
    (void)argc, (void)argv, (void)environment;
    for (u64 i = 0; i < sizeof long_name - 1; i++) long_name[i] = 'n';
    for (u64 i = 0; i < sizeof long_path - 1; i++) long_path[i] = i % 2 ? '.' : '/';
    CALL(NR_umask, 022);
    T(mkdir("scene", 0755));
    T(chdir("scene"));
#define EACH(f) each(#f, f)
    EACH(open_read);
    EACH(open_write);
    EACH(open_creat);
    EACH(open_excl);
    EACH(open_trunc);
    EACH(open_directory);
    EACH(open_creat_directory);
    EACH(open_nofollow);
    EACH(open_creat_nofollow);
    EACH(open_path);
    EACH(open_path_nofollow);
    EACH(open_tmpfile);
    EACH(open_tmpfile_read);
    EACH(do_mkdir);
    EACH(do_mknod);
    EACH(do_mknod_zero);
    EACH(do_mknod_dir);
    EACH(do_unlink);
    EACH(do_rmdir);
    EACH(do_symlink);
    EACH(link_to);
    EACH(link_from);
    EACH(link_follow);
    EACH(rename_file_to);
    EACH(rename_dir_to);
    EACH(rename_from);
    EACH(rename_from_to_dir);
    EACH(rename_into_dir);
    EACH(noreplace);
    EACH(exchange);
    EACH(do_stat);
    EACH(do_lstat);
    EACH(do_readlink);
    EACH(do_truncate);
    EACH(do_access);
    EACH(do_access_x);
    EACH(do_chmod);
    EACH(do_chown);
    EACH(do_utimens);
    EACH(do_statfs);
    EACH(do_chdir);
    scene();
    title("flags");
    T(CALL(NR_unlinkat, AT_FDCWD, "file", 1));
    T(CALL(NR_renameat2, AT_FDCWD, "file", AT_FDCWD, "x", 8));
    T(rename2("file", "other", 3));
    T(rename2("file", "none", RENAME_EXCHANGE));
    T(rename2("dir", "dir/x", RENAME_EXCHANGE));
    T(rename2("full/inside", "full", RENAME_EXCHANGE));
    T(rename2("full", "file", RENAME_EXCHANGE));
    look("file");
    T(rename2("full", "file", RENAME_EXCHANGE));
    T(linkat(AT_FDCWD, "file", AT_FDCWD, "x", 1));
    T(CALL(NR_newfstatat, AT_FDCWD, "file", &s, 1));
    T(CALL(NR_fchownat, AT_FDCWD, "file", 0, 0, 1));
    T(access("file", 8));
    T(CALL(NR_faccessat2, AT_FDCWD, "file", 0, 1));
    T(symlink("", "empty"));
    T(symlink(long_path, "toolong"));
    T(link("file", "file"));
    T(rename("file", "file"));
    T(link("file", "second"));
    T(rename("file", "second"));
    look("file");
    look("second");
    T(unlink("second"));
    T(rename("full/inside", "inside"));
    T(rename("inside", "full/inside"));
    T(rename("full", "dir"));
    look("full");
    look("dir");
    T(rename("dir", "full"));
    T(rename("full", "full/inside/x"));
    T(rename("full", "full/x"));
    T(rmdir("full"));
    T(rmdir("full/.."));
    T(unlink("full"));
    T(readlink("link", text, 0));
    T(readlink("link", text, 2));
    T(readlink("link", NULL, 10));
    title("descriptors as places");
    i64 fd = open("file", O_RDONLY, 0);
    T(fd);
    T(openat(fd, "x", O_RDONLY, 0));
    T(openat(99, "x", O_RDONLY, 0));
    T(openat(99, "/", O_RDONLY, 0) >= 0);
    T(CALL(NR_newfstatat, fd, "", &s, AT_EMPTY_PATH));
    T(CALL(NR_newfstatat, fd, "", &s, 0));
    T(CALL(NR_newfstatat, AT_FDCWD, "", &s, AT_EMPTY_PATH));
    T(linkat(fd, "", AT_FDCWD, "relinked", AT_EMPTY_PATH));
    look("relinked");
    T(unlink("relinked"));
    T(CALL(NR_fchdir, fd));
    T(CALL(NR_fchownat, fd, "", 5, 6, AT_EMPTY_PATH));
    look("file");
    T(unlink("file")), T(linkat(fd, "", AT_FDCWD, "again", AT_EMPTY_PATH)), T(fstat(fd, &s)), T(s.nlink), T(close(fd));
    fd = open(".", O_TMPFILE | O_RDWR, 0600);
    T(fd);
    T(write(fd, "tmp", 3));
    T(fstat(fd, &s));
    T(s.nlink);
    T(linkat(fd, "", AT_FDCWD, "named", AT_EMPTY_PATH));
    look("named");
    T(close(fd));
    T(unlink("named"));
    fd = open(".", O_TMPFILE | O_RDWR | O_EXCL, 0600);
    T(linkat(fd, "", AT_FDCWD, "named", AT_EMPTY_PATH)), T(close(fd));
    fd = open("other", O_PATH, 0);
    T(read(fd, text, 1));
    T(write(fd, text, 1));
    T(fstat(fd, &s));
    T(fcntl(fd, F_GETFL, 0) & ~0100000);
    T(fcntl(fd, F_SETFL, 0));
    T(CALL(NR_fchmod, fd, 0700));
    T(lseek(fd, 0, 0));
    T(CALL(NR_ioctl, fd, 0x5401, text));
    T(ftruncate(fd, 0));
    T(dup(fd));
    T(CALL(NR_fsync, fd));
    T(CALL(NR_flock, fd, 1));
    T(CALL(NR_mmap, 0, 4096, 1, 2, fd, 0));
    T(CALL(NR_getdents64, fd, text, 100));
    T(close(fd));
    title("working directory");
    T(mkdir("cwd", 0755)), T(chdir("cwd")), T(rename("../cwd", "../moved")), T(CALL(NR_getcwd, text, sizeof text) > 0);
    i64 n = CALL(NR_getcwd, text, sizeof text);
    say(text + n - 13), say("\n"), T(CALL(NR_getcwd, text, 3)), T(CALL(NR_getcwd, text, 0)), T(CALL(NR_getcwd, NULL, 100));
    T(rmdir("../moved"));
    T(CALL(NR_getcwd, text, sizeof text));
    T(open("x", O_CREAT | O_WRONLY, 0644));
    T(mkdir("x", 0755));
    T(open(".", O_RDONLY, 0) >= 0);
    T(stat(".", &s));
    T(s.nlink);
    T(stat("..", &s));
    T(chdir(".."));
    T(open(".", O_TMPFILE | O_WRONLY, 0600) >= 0);
    T(CALL(NR_getcwd, text, sizeof text) > 0), look("dir"), look("fifo"), T(symlink("cwd", "scene-link"));
    title("removed directory");
    T(mkdir("gone", 0755));
    fd = open("gone", O_RDONLY, 0);
    T(rmdir("gone"));
    T(CALL(NR_getdents64, fd, text, sizeof text));
    T(openat(fd, ".", O_RDONLY, 0) >= 0);
    T(openat(fd, "..", O_RDONLY, 0) >= 0);
    T(openat(fd, "x", O_CREAT, 0600));
    T(lseek(fd, 0, 0));
    T(read(fd, text, 10));
    T(pread(fd, text, 10, 0));
    T(write(fd, text, 1));
    return 0;
}
