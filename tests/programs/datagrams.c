/* datagrams serve PORT COUNT: sends that many datagrams back to where they came from.
 * datagrams ask PORT TIMES SIZE: sends datagrams of SIZE bytes to PORT of the gateway 10.0.2.2, each after the answer to the one before, asking again
 * after a second without one; says how many came back as they went. */
#include "tiny.h"

enum { NR_socket = 198, NR_bind = 200, NR_connect = 203, NR_sendto = 206, NR_recvfrom = 207, NR_setsockopt = 208 };
enum { AF_INET = 2, SOCK_DGRAM = 2, SOL_SOCKET = 1, SO_RCVTIMEO = 20 };
struct address { unsigned short family, port; u8 host[4], pad[8]; };
static u8 out[65536], in[65536];

static struct address at(i64 port, int gateway)
{
    struct address a = {AF_INET, (unsigned short)((port & 255) << 8 | port >> 8), {0}, {0}};
    if (gateway) a.host[0] = 10, a.host[2] = 2, a.host[3] = 2;
    return a;
}

static int serve(i64 fd, i64 count)
{
    while (count--) {
        struct address from;
        int size = sizeof from;
        i64 got = CALL(NR_recvfrom, fd, in, sizeof in, 0, &from, &size);
        if (got < 0 || CALL(NR_sendto, fd, in, got, 0, &from, size) != got) return 4;
    }
    return 0;
}

static int ask(i64 fd, i64 times, i64 size)
{
    struct { i64 seconds, micros; } second = {1, 0};
    CALL(NR_setsockopt, fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
    i64 good = 0, tries = 0;
    while (good < times && tries++ < times + 30) {
        for (i64 i = 0; i < size; i++) out[i] = (u8)(i * 7 + good);
        i64 sent = CALL(NR_sendto, fd, out, size, 0, 0, 0);
        if (sent != size) { say("sendto: "), say_number(sent), say("\n"); return 5; }
        i64 got = CALL(NR_recvfrom, fd, in, sizeof in, 0, 0, 0);
        if (got < 0 && got != -EAGAIN) { say("recvfrom: "), say_number(got), say("\n"); return 6; }
        int same = got == size;
        for (i64 i = 0; same && i < size; i++) same = in[i] == out[i];
        good += same;
    }
    say_number(good), say(" came back\n");
    return 0;
}

int main(int argc, char **argv, char **environment)
{
    if (argc < 4) return 2;
    int serves = equal(argv[1], "serve");
    struct address address = at(parse_number(argv[2]), !serves);
    i64 fd = CALL(NR_socket, AF_INET, SOCK_DGRAM, 0);
    if (fd < 0) return 3;
    i64 failed = CALL(serves ? NR_bind : NR_connect, fd, &address, sizeof address);
    if (failed) { say_number(failed), say("\n"); return 3; }
    say("ready\n");
    return serves ? serve(fd, parse_number(argv[3])) : ask(fd, parse_number(argv[3]), parse_number(argv[4]));
}
