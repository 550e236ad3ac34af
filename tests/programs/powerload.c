/* powerload SEED FOLDER [COUNT]: changes files in a folder and says of each change, once it is on stable storage, that it is done ("done N").
 * What change N is follows from the seed alone (tests/powercut/changes.py knows it too), so that whoever cuts the power can tell afterwards
 * what must be there. Between the changes it does things that are not made safe, in files of other names. Without a count it never ends. */
#include "tiny.h"

enum { NR_fsync = 82, NR_fdatasync = 83, O_APPEND = 02000, AT_REMOVEDIR = 0x200 };
enum { FILES = 12, MOST_BLOCKS = 96, BLOCK = 512, PLACES = 64, NOISE = 6 };

static u64 state, noise_state;
static u8 buffer[MOST_BLOCKS * BLOCK];
static i64 folder;

static u64 next(u64 *s, u64 limit)
{
    *s = *s * 6364136223846793005UL + 1442695040888963407UL;
    return (*s >> 33) % limit;
}

static void require(i64 result, const char *what)
{
    if (result >= 0) return;
    say("failed "), say(what), say(" "), say_number(-result), say("\n");
    leave(1);
}

static char *named(char letter, i64 number)
{
    static char name[4];
    name[0] = letter, name[1] = '0' + number / 10, name[2] = '0' + number % 10, name[3] = 0;
    return name;
}

/* A block says which change wrote it and where: "NNNNNNNN BBBBBBBB", then dots. */
static void fill(u8 *block, i64 change, i64 index)
{
    memset(block, '.', BLOCK);
    for (int digit = 7; digit >= 0; digit--, change /= 10, index /= 10) block[digit] = '0' + change % 10, block[9 + digit] = '0' + index % 10;
    block[8] = ' ', block[17] = ' ', block[BLOCK - 1] = '\n';
}

static i64 opened(const char *name, i64 flags)
{
    i64 file = CALL(NR_openat, folder, name, flags, 0644);
    require(file, "open");
    return file;
}

static void write_all(i64 file, u64 count, u64 piece)
{
    for (u64 done = 0; done < count;) {
        u64 run = count - done < piece ? count - done : piece;
        i64 wrote = CALL(NR_write, file, buffer + done, run);
        require(wrote, "write");
        done += wrote;
    }
}

/* A new content under an old name, all or nothing. */
static void replace(i64 number, i64 change, i64 blocks)
{
    for (i64 index = 0; index < blocks; index++) fill(buffer + index * BLOCK, change, index);
    i64 file = opened("new", O_WRONLY | O_CREAT | O_TRUNC);
    write_all(file, blocks * BLOCK, 5000);
    require(CALL(NR_fsync, file), "fsync");
    CALL(NR_close, file);
    require(CALL(NR_renameat2, folder, "new", folder, named('f', number), 0), "rename");
    require(CALL(NR_fsync, folder), "fsync of the folder");
}

static void append(i64 change)
{
    fill(buffer, change, 0);
    i64 file = opened("log", O_WRONLY | O_CREAT | O_APPEND);
    write_all(file, BLOCK, BLOCK);
    require(CALL(NR_fdatasync, file), "fdatasync");
    CALL(NR_close, file);
    require(CALL(NR_fsync, folder), "fsync of the folder");
}

static void overwrite(i64 place, i64 change)
{
    fill(buffer, change, place);
    i64 file = opened("places", O_WRONLY | O_CREAT);
    require(CALL(NR_pwrite64, file, buffer, BLOCK, place * BLOCK), "pwrite");
    require(CALL(NR_fdatasync, file), "fdatasync");
    CALL(NR_close, file);
    require(CALL(NR_fsync, folder), "fsync of the folder");
}

static void erase(i64 number)
{
    i64 result = CALL(NR_unlinkat, folder, named('f', number), 0);
    if (result != -ENOENT) require(result, "unlink");
    require(CALL(NR_fsync, folder), "fsync of the folder");
}

/* What nobody waits for: it may be there afterwards or not, whole or not. */
static void noise(void)
{
    i64 number = next(&noise_state, NOISE);
    switch (next(&noise_state, 6)) {
    case 0: {
        i64 file = opened(named('n', number), O_WRONLY | O_CREAT);
        CALL(NR_ftruncate, file, next(&noise_state, 1 << 18));
        CALL(NR_lseek, file, next(&noise_state, 1 << 17), 0);
        CALL(NR_write, file, buffer, next(&noise_state, sizeof buffer));
        CALL(NR_close, file);
        break;
    }
    case 1: CALL(NR_unlinkat, folder, named('n', number), 0); break;
    case 2: CALL(NR_mkdirat, folder, named('d', number), 0755); break;
    case 3: CALL(NR_unlinkat, folder, named('d', number), AT_REMOVEDIR); break;
    case 4: CALL(NR_linkat, folder, named('n', number), folder, named('l', number), 0), CALL(NR_unlinkat, folder, named('l', number ^ 1), 0); break;
    case 5: CALL(NR_symlinkat, "somewhere", folder, named('s', number)), CALL(NR_unlinkat, folder, named('s', number ^ 1), 0); break;
    }
}

int main(int argc, char **argv, char **environment)
{
    if (argc < 3) return 2;
    state = parse_number(argv[1]), noise_state = ~state;
    i64 count = argc > 3 ? parse_number(argv[3]) : -1;
    i64 made = CALL(NR_mkdirat, AT_FDCWD, argv[2], 0755);
    require(made == -17 ? 0 : made, "mkdir");
    folder = CALL(NR_openat, AT_FDCWD, argv[2], O_RDONLY, 0);
    require(folder, "open of the folder");
    say("ready\n");
    for (i64 change = 1; change != count + 1; change++) {
        u64 kind = next(&state, 8), number = next(&state, FILES), blocks = 1 + next(&state, MOST_BLOCKS), place = next(&state, PLACES);
        for (i64 turns = next(&noise_state, 4); turns > 0; turns--) noise();
        if (kind < 4) replace(number, change, blocks);
        else if (kind == 4) append(change);
        else if (kind < 7) overwrite(place, change);
        else erase(number);
        say("done "), say_number(change), say("\n");
    }
    return 0;
}
