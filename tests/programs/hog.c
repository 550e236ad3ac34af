/* hog MIB: takes memory, page by page, up to a size; says how it ended when it could not have it all. */
#include "tiny.h"

int main(int argc, char **argv, char **environment)
{
    u64 size = (u64)(argc == 2 ? parse_number(argv[1]) : 64) << 20;
    u8 *area = (u8 *)CALL(NR_mmap, 0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if ((u64)area > -4096UL) { say("refused\n"); return -(i64)area; }
    for (u64 at = 0; at < size; at += 4096) area[at] = 1;
    say("had it all\n");
    return 0;
}
