/* AF_INET datagram sockets over the loopback interface: names, ports, connections, errors, options, parts, ends. */
#include "calls.h"

enum {
    NR_socket = 198, NR_bind = 200, NR_listen = 201, NR_accept = 202, NR_connect = 203, NR_getsockname = 204, NR_getpeername = 205, NR_sendto = 206,
    NR_recvfrom = 207, NR_setsockopt = 208, NR_getsockopt = 209, NR_shutdown = 210, NR_sendmsg = 211, NR_recvmsg = 212,
    AF_UNSPEC = 0, AF_UNIX = 1, AF_INET = 2, DGRAM = 2, RAW = 3, NONBLOCK = 04000,
    OOB = 1, PEEK = 2, TRUNC = 0x20, DONTWAIT = 0x40, NOSIGNAL = 0x4000, MORE = 0x8000, ERRQUEUE = 0x2000,
    SO_REUSEADDR = 2, SO_TYPE = 3, SO_ERROR = 4, SO_BROADCAST = 6, SO_SNDBUF = 7, SO_RCVBUF = 8, SO_REUSEPORT = 15, SO_ACCEPTCONN = 30, SO_PROTOCOL = 38, SO_DOMAIN = 39,
    IP = 0, UDP = 17, SOL_SOCKET = 1, IP_TOS = 1, IP_TTL = 2, IP_PKTINFO = 8, IP_MTU_DISCOVER = 10, IP_RECVERR = 11, IP_RECVTTL = 12, IP_RECVTOS = 13, IP_MTU = 14,
    IP_MULTICAST_TTL = 33, IP_MULTICAST_LOOP = 34, IP_ADD_MEMBERSHIP = 35, IP_DROP_MEMBERSHIP = 36, IP_MULTICAST_ALL = 49, UDP_CORK = 1, FIONREAD_ = 0x541B,
};
typedef struct { unsigned short family, port; u8 host[4], pad[8]; } Name;
typedef struct { void *base; u64 size; } Vector;
typedef struct { void *name; int namelen; Vector *iov; u64 iovlen; void *control; u64 controllen; int flags; } Message;
typedef struct { int fd; short events, revents; } Poll;

static u8 b[1 << 17], control[256];
static Name n, from;
static int size, value;

static unsigned short swap(i64 port) { return (unsigned short)((port & 255) << 8 | port >> 8); }
static void at(i64 last, i64 port) { n = (Name){AF_INET, swap(port), {127, 0, 0, (u8)last}, {0}}; }
static void any(i64 port) { n = (Name){AF_INET, swap(port), {0}, {0}}; }
static i64 sock(void) { return CALL(NR_socket, AF_INET, DGRAM | NONBLOCK, 0); }
static i64 bind(i64 fd) { return CALL(NR_bind, fd, &n, 16); }
static i64 connect(i64 fd) { return CALL(NR_connect, fd, &n, 16); }
static i64 send(i64 fd, const char *data, i64 flags) { return CALL(NR_sendto, fd, data, length(data), flags, 0, 0); }
static i64 sendto(i64 fd, const char *data, i64 flags) { return CALL(NR_sendto, fd, data, length(data), flags, &n, 16); }
static i64 set(i64 fd, i64 level, i64 option, int to) { value = to; return CALL(NR_setsockopt, fd, level, option, &value, 4); }
static i64 get(i64 fd, i64 level, i64 option) { value = -1, size = 4; i64 e = CALL(NR_getsockopt, fd, level, option, &value, &size); return e ? e : value; }
static i64 waiting(i64 fd) { value = -1; i64 e = CALL(NR_ioctl, fd, FIONREAD_, &value); return e ? e : value; }
static i64 events(i64 fd) { Poll p = {fd, 0x3fff, 0}; Timespec now = {0, 0}; i64 e = CALL(NR_ppoll, &p, 1, &now, 0, 8); return e < 0 ? e : p.revents; }
/* What has been sent is there a moment later: wait until there is something to read or to be told. */
static void settle(i64 fd) { Poll p = {fd, 1, 0}; Timespec soon = {0, 200000000}; CALL(NR_ppoll, &p, 1, &soon, 0, 8); }
static void text(i64 count) { say("   \""); if (count > 0) { b[count] = 0; say((char *)b); } say("\"\n"); }
static i64 recv(i64 fd, u64 room, i64 flags) { settle(fd); for (int i = 0; i < 64; i++) b[i] = 0; size = sizeof from; i64 got = CALL(NR_recvfrom, fd, b, room, flags, &from, &size); text(got > (i64)room ? (i64)room : got); return got; }
static void who(Name *name) { say("   family "), say_number(name->family), say(" host "), say_number(name->host[0]), say("."), say_number(name->host[3]), say(name->port ? " a port\n" : " no port\n"); }
static i64 name(i64 fd) { size = sizeof from; i64 e = CALL(NR_getsockname, fd, &from, &size); who(&from); return e ? e : size; }
static i64 peer(i64 fd) { from = (Name){0}; size = sizeof from; i64 e = CALL(NR_getpeername, fd, &from, &size); who(&from); return e ? e : size; }

static void names(void)
{
    title("names");
    i64 a = sock(), c = sock();
    T(get(a, SOL_SOCKET, SO_TYPE)); T(get(a, SOL_SOCKET, SO_DOMAIN)); T(get(a, SOL_SOCKET, SO_PROTOCOL)); T(get(a, SOL_SOCKET, SO_ACCEPTCONN));
    T(name(a)); T(peer(a));
    at(1, 45001); T(bind(a)); T(name(a)); T(bind(a));
    T(bind(c)); any(45001); T(bind(c)); at(2, 45001); T(bind(c));
    i64 d = sock();
    n = (Name){AF_INET, swap(45002), {192, 0, 2, 77}, {0}}; T(bind(d));
    n.family = AF_UNIX; T(bind(d));
    at(1, 45002); T(CALL(NR_bind, d, &n, 15)); T(CALL(NR_bind, d, &n, 0)); T(CALL(NR_bind, d, 8, 16)); T(CALL(NR_bind, 99, &n, 16));
    any(0); T(bind(d)); T(name(d));
    T(CALL(NR_listen, a, 5)); T(CALL(NR_accept, a, 0, 0));
    T(CALL(NR_socket, AF_INET, DGRAM, 6)); T(CALL(NR_socket, AF_INET, 5, 0)); T(CALL(NR_socket, AF_INET, DGRAM, 300));
    close(a), close(c), close(d);
}

static void sharing(void)
{
    title("sharing a port");
    for (int how = 0; how < 8; how++) {
        i64 a = sock(), c = sock();
        set(a, SOL_SOCKET, how & 4 ? SO_REUSEPORT : SO_REUSEADDR, how & 1);
        set(c, SOL_SOCKET, how & 4 ? SO_REUSEPORT : SO_REUSEADDR, how >> 1 & 1);
        at(1, 45010), bind(a);
        T(bind(c));
        close(a), close(c);
    }
}

static void carrying(void)
{
    title("carrying");
    i64 a = sock(), c = sock();
    at(1, 45003), bind(a);
    T(sendto(c, "first", 0)); T(sendto(c, "second one", 0)); T(sendto(c, "", 0));
    settle(a);
    T(waiting(a)); T(events(a));
    T(recv(a, 100, PEEK)); T(recv(a, 100, 0)); who(&from); T(recv(a, 3, TRUNC)); T(recv(a, 100, 0)); T(recv(a, 100, 0)); T(recv(a, 100, DONTWAIT));
    T(name(c));
    T(send(c, "x", 0)); n.port = 0; T(sendto(c, "x", 0)); at(1, 45003); n.family = AF_UNIX; T(sendto(c, "x", 0));
    at(1, 45003); T(sendto(c, "x", OOB)); T(CALL(NR_sendto, c, b, 65508, 0, &n, 16)); T(CALL(NR_sendto, c, 8, 10, 0, &n, 16)); T(CALL(NR_sendto, c, "abc", 3, 0, &n, 15));
    for (int i = 0; i < 60000; i++) b[i] = (u8)(i % 251);
    T(CALL(NR_sendto, c, b, 60000, 0, &n, 16)); settle(a); for (int i = 0; i < 60000; i++) b[i] = 0;
    T(CALL(NR_recvfrom, a, b, sizeof b, 0, 0, 0));
    i64 wrong = 0; for (int i = 0; i < 60000; i++) wrong += b[i] != (u8)(i % 251); T(wrong);
    T(sendto(c, "one ", MORE)); T(sendto(c, "two ", MORE)); T(sendto(c, "three", 0)); T(recv(a, 100, 0));
    T(set(c, UDP, UDP_CORK, 1)); T(sendto(c, "a", 0)); T(sendto(c, "b", 0)); T(set(c, UDP, UDP_CORK, 0)); T(recv(a, 100, 0));
    close(a), close(c);
}

static void connecting(void)
{
    title("connecting");
    i64 a = sock(), c = sock(), stranger = sock();
    at(1, 45004), bind(a);
    T(connect(c)); T(peer(c)); T(name(c));
    T(send(c, "hello", 0)); T(recv(a, 100, 0));
    n = from; T(sendto(stranger, "no", 0)); T(sendto(a, "yes", 0)); T(recv(c, 100, 0)); T(recv(c, 100, DONTWAIT));
    at(2, 45004); T(connect(a));
    n.family = AF_UNSPEC; T(connect(c)); T(peer(c)); T(name(c)); T(send(c, "x", 0));
    at(1, 45099); T(connect(c)); T(send(c, "x", 0)); settle(c); T(events(c)); T(get(c, SOL_SOCKET, SO_ERROR)); T(get(c, SOL_SOCKET, SO_ERROR)); T(events(c));
    T(send(c, "x", 0)); settle(c); T(send(c, "x", 0)); T(send(c, "x", 0)); T(recv(c, 10, 0)); T(recv(c, 10, 0));
    T(sendto(stranger, "x", 0)); T(recv(stranger, 10, 0));
    any(45004); T(connect(stranger)); T(peer(stranger));
    close(a), close(c), close(stranger);
}

static i64 report(i64 fd)
{
    Vector v = {b, 100};
    Message m = {&from, sizeof from, &v, 1, control, sizeof control, 0};
    i64 got = CALL(NR_recvmsg, fd, &m, ERRQUEUE);
    if (got < 0) return got;
    text(got), who(&from);
    unsigned *w = (unsigned *)control;
    show("   flags", m.flags), show("   level", w[2]), show("   type", w[3]), show("   errno", w[4]), show("   origin", control[20]), show("   icmp type", control[21]), show("   icmp code", control[22]);
    show("   offender's family", control[32]), show("   offender", control[36]);
    return got;
}

static void errors(void)
{
    title("errors");
    i64 c = sock();
    T(get(c, IP, IP_RECVERR)); T(set(c, IP, IP_RECVERR, 1)); T(get(c, IP, IP_RECVERR)); T(report(c));
    at(1, 45098); T(sendto(c, "lost", 0)); settle(c); T(events(c)); T(sendto(c, "lost too", 0)); T(report(c)); T(report(c)); T(events(c));
    T(set(c, IP, IP_RECVERR, 0));
    close(c);
}

static void options(void)
{
    title("options");
    static const int names[] = {IP_TOS, IP_TTL, IP_PKTINFO, IP_MTU_DISCOVER, IP_MULTICAST_TTL, IP_MULTICAST_LOOP};
    i64 a = sock();
    for (u64 i = 0; i < sizeof names / sizeof *names; i++) {
        T(names[i]); T(get(a, IP, names[i])); T(set(a, IP, names[i], 1)); T(get(a, IP, names[i])); T(set(a, IP, names[i], 300)); T(get(a, IP, names[i])); T(set(a, IP, names[i], -1)); T(get(a, IP, names[i]));
        value = 1; T(CALL(NR_setsockopt, a, IP, names[i], &value, 1));
        size = 1, value = 0; T(CALL(NR_getsockopt, a, IP, names[i], &value, &size)); T(size); T(value);
    }
    T(set(a, IP, 77, 1)); T(get(a, IP, 77)); T(set(a, UDP, 77, 1)); T(get(a, UDP, 77));
    at(1, 45005); connect(a); T(get(a, UDP, UDP_CORK));
    close(a);
}

static void told(void)
{
    title("told beside the data");
    i64 a = sock(), c = sock();
    any(45006), bind(a);
    set(a, IP, IP_PKTINFO, 1), set(a, IP, IP_RECVTTL, 1), set(a, IP, IP_RECVTOS, 1), set(c, IP, IP_TTL, 9), set(c, IP, IP_TOS, 16);
    at(5, 45006); T(sendto(c, "x", 0)); settle(a);
    Vector v = {b, 100};
    Message m = {&from, sizeof from, &v, 1, control, sizeof control, 0};
    T(CALL(NR_recvmsg, a, &m, 0)); T(m.controllen); T(m.flags);
    for (u64 place = 0; place + 16 <= m.controllen;) {
        unsigned *w = (unsigned *)(control + place);
        show("   type", w[3]);
        if (w[3] == IP_PKTINFO) show("   local", control[place + 23]), show("   destination", control[place + 27]);
        else show("   value", w[3] == IP_TOS ? control[place + 16] : w[4]);
        place += (w[0] + 7) & ~7u;
    }
    close(a), close(c);
}

static void ending(void)
{
    title("ending");
    i64 a = sock(), c = sock();
    T(CALL(NR_shutdown, a, 0)); T(CALL(NR_shutdown, a, 7));
    at(1, 45007), bind(a), connect(c);
    T(CALL(NR_shutdown, c, 1)); T(events(c)); T(send(c, "x", NOSIGNAL)); T(CALL(NR_shutdown, c, 0)); T(events(c)); T(recv(c, 10, 0));
    close(a), close(c);
}

int main(int argc, char **argv, char **environment) { names(); sharing(); carrying(); connecting(); errors(); options(); told(); ending(); return 0; }
