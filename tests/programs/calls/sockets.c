/* AF_UNIX sockets: names, connections, messages, handles and identities in them, options, poll. */
#include "calls.h"

enum {
    NR_socket = 198, NR_socketpair = 199, NR_bind = 200, NR_listen = 201, NR_accept = 202, NR_connect = 203, NR_getsockname = 204, NR_getpeername = 205,
    NR_sendto = 206, NR_recvfrom = 207, NR_setsockopt = 208, NR_getsockopt = 209, NR_shutdown = 210, NR_sendmsg = 211, NR_recvmsg = 212, NR_accept4 = 242,
    NR_recvmmsg = 243, NR_sendmmsg = 269,
    AF_UNSPEC = 0, AF_UNIX = 1, AF_INET = 2, AF_INET6 = 10, STREAM = 1, DGRAM = 2, RAW = 3, RDM = 4, SEQPACKET = 5, NONBLOCK = 04000, CLOEXEC = 02000000,
    PEEK = 2, TRUNC = 0x20, CTRUNC = 8, DONTWAIT = 0x40, WAITALL = 0x100, NOSIGNAL = 0x4000, CMSG_CLOEXEC = 0x40000000, WAITFORONE = 0x10000,
    SO_DEBUG = 1, SO_REUSEADDR = 2, SO_TYPE = 3, SO_ERROR = 4, SO_DONTROUTE = 5, SO_BROADCAST = 6, SO_SNDBUF = 7, SO_RCVBUF = 8, SO_KEEPALIVE = 9, SO_OOBINLINE = 10, SO_PRIORITY = 12,
    SO_LINGER = 13, SO_PASSCRED = 16, SO_PEERCRED = 17, SO_RCVLOWAT = 18, SO_SNDLOWAT = 19, SO_RCVTIMEO = 20, SO_SNDTIMEO = 21,
    SO_ACCEPTCONN = 30, SO_PROTOCOL = 38, SO_DOMAIN = 39, SOL_SOCKET = 1, FIONREAD_ = 0x541B, FIONBIO_ = 0x5421,
};
typedef struct { unsigned short family; char path[126]; } Name;
typedef struct { void *base; u64 size; } Vector;
typedef struct { void *name; int namelen; Vector *iov; u64 iovlen; void *control; u64 controllen; int flags; } Message;
typedef struct { Message message; unsigned length; } Many;
typedef struct { u64 length; int level, type; int data[60]; } Control;
typedef struct { int fd; short events, revents; } Poll;

static u8 b[1 << 18], c[1 << 18];
static Name n;
static int size, pair[2], value;
static Stat s;

static i64 named(const char *path) { n.family = AF_UNIX; u64 i = 0; do n.path[i] = path[i]; while (path[i++]); return 2 + i; }
static i64 abstract(const char *name) { n.family = AF_UNIX; n.path[0] = 0; u64 i = 0; while (name[i]) { n.path[i + 1] = name[i]; i++; } return 3 + i; }
static i64 sock(i64 type) { return CALL(NR_socket, AF_UNIX, type, 0); }
static i64 two(i64 type) { return CALL(NR_socketpair, AF_UNIX, type, 0, pair); }
static i64 bind(i64 fd, i64 length) { return CALL(NR_bind, fd, &n, length); }
static i64 connect(i64 fd, i64 length) { return CALL(NR_connect, fd, &n, length); }
static i64 listen(i64 fd, i64 backlog) { return CALL(NR_listen, fd, backlog); }
static i64 accept(i64 fd) { size = sizeof n; for (u64 i = 0; i < sizeof n; i++) ((u8 *)&n)[i] = 0; return CALL(NR_accept, fd, &n, &size); }
static i64 send(i64 fd, const void *data, u64 length, i64 flags) { return CALL(NR_sendto, fd, data, length, flags, 0, 0); }
static i64 sendto(i64 fd, const void *data, u64 length, i64 flags, i64 to) { return CALL(NR_sendto, fd, data, length, flags, &n, to); }
static i64 recv(i64 fd, void *data, u64 length, i64 flags) { return CALL(NR_recvfrom, fd, data, length, flags, 0, 0); }
static i64 recvfrom(i64 fd, void *data, u64 length, i64 flags) { size = sizeof n; for (u64 i = 0; i < sizeof n; i++) ((u8 *)&n)[i] = 0; return CALL(NR_recvfrom, fd, data, length, flags, &n, &size); }
static i64 shutdown(i64 fd, i64 how) { return CALL(NR_shutdown, fd, how); }
static i64 set(i64 fd, i64 option, int to) { value = to; return CALL(NR_setsockopt, fd, SOL_SOCKET, option, &value, 4); }
static i64 get(i64 fd, i64 option) { value = -1, size = 4; i64 e = CALL(NR_getsockopt, fd, SOL_SOCKET, option, &value, &size); return e ? e : value; }
static i64 name(i64 fd) { size = sizeof n; for (u64 i = 0; i < sizeof n; i++) ((u8 *)&n)[i] = 0; return CALL(NR_getsockname, fd, &n, &size); }
static i64 peer(i64 fd) { size = sizeof n; for (u64 i = 0; i < sizeof n; i++) ((u8 *)&n)[i] = 0; return CALL(NR_getpeername, fd, &n, &size); }
static i64 waiting(i64 fd) { value = -1; i64 e = CALL(NR_ioctl, fd, FIONREAD_, &value); return e ? e : value; }
static i64 events(i64 fd) { Poll p = {fd, 0x3fff, 0}; Timespec now = {0, 0}; i64 e = CALL(NR_ppoll, &p, 1, &now, 0, 8); return e < 0 ? e : p.revents; }
static i64 timeout(i64 fd, i64 option, i64 us) { i64 t[2] = {us / 1000000, us % 1000000}; return CALL(NR_setsockopt, fd, SOL_SOCKET, option, t, 16); }
static void who(void) { say("   length "), say_number(size), say(" family "), say_number(n.family), say(" path "); if (size > 2) { if (!n.path[0]) say("@"), n.path[size - 2] = 0, say(n.path + 1); else say(n.path); } say("\n"); }
static void text(i64 count) { say("   \""); if (count > 0) { b[count] = 0; say((char *)b); } say("\"\n"); }

static void making(void)
{
    title("making");
    T(CALL(NR_socket, AF_UNIX, STREAM, 0));
    T(CALL(NR_socket, AF_UNIX, DGRAM, 0));
    T(CALL(NR_socket, AF_UNIX, SEQPACKET, 0));
    T(CALL(NR_socket, AF_UNIX, RAW, 0));
    T(get(6, SO_TYPE));
    T(CALL(NR_socket, AF_UNIX, RDM, 0));
    T(CALL(NR_socket, AF_UNIX, 0, 0));
    T(CALL(NR_socket, AF_UNIX, 9, 0));
    T(CALL(NR_socket, AF_UNIX, 11, 0));
    T(CALL(NR_socket, AF_UNIX, STREAM, 1));
    T(CALL(NR_socket, AF_UNIX, STREAM, 2));
    T(CALL(NR_socket, AF_UNIX, STREAM, 255));
    T(CALL(NR_socket, AF_UNSPEC, STREAM, 0));
    T(CALL(NR_socket, 45, STREAM, 0));
    T(CALL(NR_socket, 200, STREAM, 0));
    T(CALL(NR_socket, -1, STREAM, 0));
    T(CALL(NR_socketpair, AF_UNIX, STREAM, 0, (int *)1));
    T(CALL(NR_socketpair, AF_INET, DGRAM, 0, pair));
    T(CALL(NR_socketpair, AF_UNIX, STREAM | NONBLOCK | CLOEXEC, 0, pair));
    T(pair[1] - pair[0]);
    T(fcntl(pair[0], F_GETFL, 0));
    T(fcntl(pair[0], F_GETFD, 0));
    T(fstat(3, &s));
    T(s.mode == (S_IFSOCK | 0777));
    T(s.size);
    T(lseek(3, 0, SEEK_SET));
    T(pread(3, b, 1, 0));
    T(pwrite(3, b, 1, 0));
    T(ftruncate(3, 0));
    T(CALL(NR_fsync, 3));
    T(CALL(NR_fallocate, 3, 0, 0, 10));
    T(CALL(NR_mmap, 0, 4096, 1, 2, 3, 0));
    T(CALL(NR_fchdir, 3));
    T(CALL(NR_getsockname, 0, &n, &size) == -88 || CALL(NR_getsockname, 0, &n, &size) == 0);
    T(CALL(NR_bind, 99, &n, 10));
    for (i64 fd = 3; fd < 12; fd++) close(fd);
    T(make("file", "x"));
    i64 fd = open("file", O_RDWR, 0);
    T(listen(fd, 1));
    T(send(fd, "x", 1, 0));
    T(get(fd, SO_TYPE));
    T(shutdown(fd, 0));
    close(fd);
}

static void names(void)
{
    title("names");
    i64 fd = sock(STREAM), other = sock(STREAM), third = sock(STREAM), d = sock(DGRAM);
    T(name(fd)); who();
    T(peer(fd));
    T(CALL(NR_bind, fd, &n, 0));
    T(CALL(NR_bind, fd, &n, 1));
    T(CALL(NR_bind, fd, &n, 129));
    T(CALL(NR_bind, fd, &n, -1));
    named("s1"), n.family = AF_INET;
    T(bind(fd, 16));
    T(bind(fd, named("s1")));
    T(name(fd)); who();
    look("s1");
    T(bind(other, named("s1")));
    T(bind(fd, named("s2")));
    look("s2");
    T(bind(other, named("none/s2")));
    T(bind(other, named("file/s2")));
    T(bind(other, named("file")));
    T(bind(other, abstract("one")));
    T(name(other)); who();
    T(bind(third, abstract("one")));
    T(bind(d, abstract("one")));
    T(bind(third, abstract("one") + 1));
    T(name(third)); who();
    i64 automatic = sock(STREAM);
    T(bind(automatic, 2));
    T(name(automatic));
    T(size);
    T(n.path[0]);
    T(bind(automatic, 2));
    T(bind(automatic, named("s3")));
    i64 cut = sock(STREAM);
    named("s4-and-more");
    T(bind(cut, 4));
    T(name(cut)); who();
    look("s4");
    look("s");
    i64 full = sock(DGRAM);
    n.family = AF_UNIX;
    for (i64 i = 0; i < 108; i++) n.path[i] = i % 36 == 35 ? '/' : 'a';
    T(mkdir("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0755));
    T(mkdir("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0755));
    n.path[107] = 'b';
    T(bind(full, 110));
    T(bind(full, 111));
    T(name(full));
    T(size);
    T(unlink("s1"));
    T(name(fd)); who();
    T(bind(sock(DGRAM), named("s1")));
    T(open("s1", O_RDONLY, 0));
    T(open("s1", O_RDWR | O_NONBLOCK, 0));
    T(open("s1", O_PATH, 0) > 0);
    size = 5;
    T(CALL(NR_getsockname, fd, &n, &size)); T(size);
    size = -1;
    T(CALL(NR_getsockname, fd, &n, &size));
    for (i64 i = 3; i < 20; i++) close(i);
    T(connect(sock(DGRAM), named("s1")));
    T(connect(sock(STREAM), abstract("one")));
    for (i64 i = 3; i < 20; i++) close(i);
    T(unlink("s1"));
}

static void connections(i64 type)
{
    i64 fd = sock(type), client = sock(type), second = sock(type), third = sock(type | NONBLOCK), d = sock(DGRAM);
    T(listen(fd, 1));
    T(accept(fd));
    T(connect(client, named("c1")));
    T(connect(client, named("file")));
    T(bind(fd, named("c1")));
    T(connect(client, named("c1")));
    T(events(fd));
    T(events(client));
    T(listen(fd, 0));
    T(get(fd, SO_ACCEPTCONN));
    T(get(client, SO_ACCEPTCONN));
    T(events(fd));
    T(connect(d, named("c1")));
    T(connect(fd, named("c1")));
    T(fcntl(fd, F_SETFL, O_NONBLOCK));
    T(accept(fd));
    T(peer(fd));
    T(waiting(fd));
    T(read(fd, b, 1));
    T(write(fd, b, 1));
    T(connect(client, named("c1")));
    T(connect(third, named("c1")));
    T(peer(client)); who();
    T(name(client)); who();
    T(events(client));
    T(events(fd));
    T(write(client, "early", 5));
    T(bind(client, named("c2")));
    T(accept(fd)); who();
    T(size);
    T(name(8)); who();
    T(peer(8)); who();
    T(fcntl(8, F_GETFL, 0));
    T(recvfrom(8, b, 100, 0)); text(5); who();
    T(listen(8, 1));
    T(listen(client, 1));
    T(connect(8, named("c1")));
    T(connect(second, named("c1")));
    T(close(fd));
    T(events(second));
    T(get(second, SO_ERROR));
    T(get(second, SO_ERROR));
    T(read(second, b, 1));
    T(write(second, b, 1) + 0 * CALL(NR_getpid));
    T(connect(third, named("c1")));
    T(write(8, "bye", 3));
    T(close(8));
    T(events(client));
    T(waiting(client));
    T(read(client, b, 100));
    T(read(client, b, 100));
    T(peer(client)); who();
    T(send(client, b, 1, NOSIGNAL));
    T(get(client, SO_ERROR));
    for (i64 i = 3; i < 20; i++) close(i);
    T(unlink("c1"));
    T(unlink("c2"));
    title("reset");
    T(two(type));
    T(write(pair[0], "unread", 6));
    T(close(pair[1]));
    T(events(pair[0]));
    T(read(pair[0], b, 1));
    T(read(pair[0], b, 1));
    T(close(pair[0]));
    title("shut down while listening");
    fd = sock(type | NONBLOCK), client = sock(type);
    T(bind(fd, abstract("shut")));
    T(listen(fd, 5));
    T(connect(client, abstract("shut")));
    T(shutdown(fd, 0));
    T(events(fd));
    T(connect(sock(type), abstract("shut")));
    T(accept(fd));
    T(accept(fd));
    for (i64 i = 3; i < 20; i++) close(i);
}

static void streams(void)
{
    title("streams");
    T(two(STREAM | NONBLOCK));
    i64 x = pair[0], y = pair[1];
    T(events(x));
    T(read(x, b, 1));
    T(recv(x, b, 0, 0));
    T(read(x, b, 0));
    T(send(x, b, 0, 0));
    T(waiting(y));
    T(write(x, "hello ", 6));
    T(write(x, "world", 5));
    T(waiting(y));
    T(events(y));
    T(recv(y, b, 3, PEEK)); text(3);
    T(recv(y, b, 100, PEEK)); text(11);
    T(recv(y, b, 4, 0)); text(4);
    T(recv(y, b, 100, TRUNC)); text(7);
    T(recv(y, b, 100, WAITALL));
    T(sendto(x, "a", 1, 0, named("nowhere")));
    T(send(x, (u8 *)1, 10, 0));
    T(send(x, "q", 1, 0));
    T(recv(y, (u8 *)1, 1, 0));
    T(waiting(y));
    T(recv(y, b, 1, 0));
    Vector v[2] = {{"abc", 3}, {"defg", 4}};
    T(CALL(NR_writev, x, v, 2));
    Vector w[2] = {{b, 2}, {b + 2, 50}};
    T(CALL(NR_readv, y, w, 2)); text(7);
    i64 total = 0, moved;
    while ((moved = write(x, c, 4000)) > 0) total += moved;
    T(moved);
    T(total > 30000 && total <= 500000);
    T(events(x));
    T(events(y));
    i64 back = 0;
    while ((moved = read(y, b, 5000)) > 0) back += moved;
    T(moved);
    T(back == total);
    T(events(x));
    T(send(x, c, 100000, DONTWAIT) > 30000);
    T(shutdown(x, 7));
    T(shutdown(x, 1));
    T(write(x, "no", 2) == -32);
    T(events(x));
    T(events(y));
    while ((moved = read(y, b, 5000)) > 0) ;
    T(moved);
    T(write(y, "still", 5));
    T(read(x, b, 100)); text(5);
    T(shutdown(y, 0));
    T(read(y, b, 1));
    T(events(y));
    T(events(x));
    T(shutdown(x, 0));
    T(events(x));
    T(send(y, "no", 2, NOSIGNAL));
    T(close(x));
    T(events(y));
    T(close(y));
}
static void on_pipe(void (*handler)(int)) { struct { void (*handler)(int); u64 flags, mask; } action = {handler, 0, 0}; CALL(NR_rt_sigaction, SIGPIPE, &action, 0, 8); }
static void unread(void) { on_pipe((void *)0); two(STREAM); close(pair[1]); write(pair[0], "x", 1); }
static void unheard(void) { on_pipe((void *)0); two(SEQPACKET); close(pair[1]); show("seqpacket", write(pair[0], "x", 1)); }

static void messages(i64 type)
{
    T(two(type | NONBLOCK));
    i64 x = pair[0], y = pair[1];
    T(events(x));
    T(recv(y, b, 10, 0));
    T(write(x, "one", 3));
    T(write(x, "twotwo", 6));
    T(send(x, b, 0, 0));
    T(waiting(y));
    T(recv(y, b, 100, PEEK)); text(3);
    T(read(y, b, 100)); text(3);
    T(waiting(y));
    T(recv(y, b, 2, PEEK | TRUNC)); text(2);
    T(recv(y, b, 2, 0)); text(2);
    T(events(y));
    T(recv(y, b, 2, 0));
    T(events(y));
    T(recv(y, b, 2, 0));
    T(write(x, c, 200000));
    T(read(y, b, 250000));
    T(write(x, c, 212992 - 32 + 1));
    T(send(x, (u8 *)1, 10, 0));
    T(waiting(y));
    T(write(x, "last", 4));
    T(shutdown(x, 1));
    T(events(x));
    T(events(y));
    T(send(x, "no", 2, NOSIGNAL));
    T(read(y, b, 100)); text(4);
    T(recv(y, b, 100, 0));
    T(write(y, "back", 4));
    T(read(x, b, 100)); text(4);
    T(write(y, "left", 4));
    T(close(y));
    T(events(x));
    T(read(x, b, 100)); text(4);
    T(recv(x, b, 100, 0));
    T(send(x, "no", 2, NOSIGNAL));
    T(send(x, "no", 2, NOSIGNAL));
    T(events(x));
    T(close(x));
}

static void datagrams(void)
{
    title("datagrams");
    i64 x = sock(DGRAM | NONBLOCK), y = sock(DGRAM | NONBLOCK), z = sock(DGRAM | NONBLOCK);
    T(listen(x, 1));
    T(accept(x));
    T(send(x, "a", 1, 0));
    T(peer(x));
    T(sendto(x, "a", 1, 0, abstract("d")));
    T(sendto(x, "a", 1, 0, named("d")));
    T(bind(y, abstract("d")));
    T(sendto(x, "abc", 3, 0, abstract("d")));
    T(recvfrom(y, b, 100, 0)); text(3); who();
    T(bind(x, abstract("x")));
    T(sendto(x, "abc", 3, 0, abstract("d")));
    T(recvfrom(y, b, 100, 0)); text(3); who();
    T(sendto(y, "answer", 6, 0, size));
    T(recvfrom(x, b, 3, TRUNC)); text(3); who();
    T(connect(x, abstract("d")));
    T(peer(x)); who();
    T(write(x, "via", 3));
    T(recvfrom(y, b, 100, 0)); text(3); who();
    T(connect(y, abstract("x")));
    T(sendto(z, "not you", 7, 0, abstract("d")));
    T(connect(z, abstract("d")));
    T(bind(z, abstract("z")));
    T(sendto(x, "other", 5, 0, abstract("z")));
    T(read(z, b, 100)); text(5);
    n.family = AF_UNSPEC;
    T(connect(y, 2));
    T(peer(y));
    T(write(y, "x", 1));
    T(sendto(z, "now", 3, 0, abstract("d")));
    T(read(y, b, 100)); text(3);
    title("a queue is full");
    i64 sent = 0, e;
    while ((e = sendto(z, "m", 1, 0, abstract("d"))) == 1) sent++;
    T(sent);
    T(e);
    T(connect(z, abstract("d")));
    T(events(z));
    T(read(y, b, 100));
    T(events(z));
    T(write(z, "m", 1));
    T(write(z, "m", 1));
    title("a receiver that is gone");
    T(close(y));
    T(events(x));
    T(write(x, "x", 1));
    T(write(x, "x", 1));
    T(sendto(x, "x", 1, 0, abstract("d")));
    T(shutdown(z, 2));
    T(events(z));
    T(recv(z, b, 1, 0));
    T(sendto(z, "x", 1, 0, abstract("x")));
    T(sendto(x, "x", 1, 0, abstract("z")));
    close(x), close(z);
    title("leaving a peer");
    T(two(DGRAM | NONBLOCK));
    T(write(pair[0], "lost", 4));
    n.family = AF_UNSPEC;
    T(connect(pair[1], 2));
    T(events(pair[0]));
    T(events(pair[1]));
    T(get(pair[0], SO_ERROR));
    T(read(pair[1], b, 100));
    T(write(pair[0], "x", 1));
    T(read(pair[1], b, 100));
    T(close(pair[0]));
    T(close(pair[1]));
    T(two(DGRAM | NONBLOCK));
    T(write(pair[0], "kept?", 5));
    T(close(pair[0]));
    T(send(pair[1], "x", 1, 0));
    T(read(pair[1], b, 100));
    T(close(pair[1]));
}

static Message m;
static Control out, in;
static Vector one = {b, 1};
static i64 give(i64 fd, i64 count, int *fds, const char *data)
{
    out.level = SOL_SOCKET, out.type = 1, out.length = 16 + 4 * count;
    for (i64 i = 0; i < count; i++) out.data[i] = fds[i];
    Vector v = {(void *)data, length(data)};
    m = (Message){0, 0, &v, 1, &out, (out.length + 7) / 8 * 8, 0};
    return CALL(NR_sendmsg, fd, &m, 0);
}
static i64 take(i64 fd, u64 room, u64 control, i64 flags)
{
    for (i64 i = 0; i < 60; i++) in.data[i] = -1;
    in.length = 0, in.type = 0, b[0] = 0;
    one.size = room;
    m = (Message){0, 0, &one, 1, control ? &in : 0, control, 0x55};
    return CALL(NR_recvmsg, fd, &m, flags);
}
static void found(void) { say("   flags "), say_number(m.flags), say(" control "), say_number(m.controllen), say(" message "), say_number(in.length), say(" type "), say_number(in.type), say(":"); for (i64 i = 0; i < 6 && in.length >= 20 + 4 * i; i++) say(" "), say_number(in.data[i]); say("\n"); }

static void rights(i64 type)
{
    T(two(type | NONBLOCK));
    i64 x = pair[0], y = pair[1];
    int fds[60], ends[2];
    pipe2(ends, 0);
    fds[0] = ends[0], fds[1] = ends[1], fds[2] = ends[1];
    T(give(x, 2, fds, "two"));
    T(close(ends[1]));
    T(take(y, 100, 100, 0)); text(3); found();
    T(write(in.data[1], "through", 7));
    T(read(ends[0], c, 100));
    T(fcntl(in.data[0], F_GETFD, 0));
    T(fcntl(in.data[1], F_GETFL, 0));
    T(close(in.data[0]));
    T(close(in.data[1]));
    T(give(x, 1, fds, "cloexec"));
    T(take(y, 100, 100, CMSG_CLOEXEC)); found();
    T(fcntl(in.data[0], F_GETFD, 0));
    T(close(in.data[0]));
    T(give(x, 1, fds, "peek"));
    T(take(y, 100, 100, PEEK)); found();
    T(close(in.data[0]));
    T(take(y, 100, 100, 0)); found();
    T(close(in.data[0]));
    fds[1] = ends[0], fds[2] = ends[0];
    T(give(x, 3, fds, "no room"));
    T(take(y, 100, 0, 0)); found();
    T(give(x, 1, fds, "read"));
    T(read(y, b, 100)); text(4);
    fds[0] = 99;
    T(give(x, 1, fds, "bad"));
    fds[0] = -1;
    T(give(x, 1, fds, "bad"));
    fds[0] = ends[0];
    T(give(x, 0, fds, "none"));
    T(take(y, 100, 100, 0)); found();
    out.length = 12;
    m = (Message){0, 0, &one, 1, &out, 24, 0}, one.size = 1;
    T(CALL(NR_sendmsg, x, &m, 0));
    out.length = 20, out.type = 77;
    T(CALL(NR_sendmsg, x, &m, 0));
    out.type = 2;
    T(CALL(NR_sendmsg, x, &m, 0));
    out.length = 20, out.type = 1, out.data[0] = ends[0], m.controllen = 8;
    T(CALL(NR_sendmsg, x, &m, 0));
    T(take(y, 100, 100, 0)); found();
    for (i64 i = 0; i < 60; i++) fds[i] = ends[0];
    title("handles close with a message that nobody reads");
    pipe2(ends, 0);
    fds[0] = ends[1];
    T(give(x, 1, fds, "lost"));
    T(close(ends[1]));
    T(close(y));
    T(read(ends[0], b, 1));
    for (i64 i = 3; i < 20; i++) close(i);
}

static void barriers(void)
{
    title("handles in a stream");
    T(two(STREAM | NONBLOCK));
    i64 x = pair[0], y = pair[1];
    int fds[1] = {0};
    T(write(x, "abcd", 4));
    T(give(x, 1, fds, "e"));
    T(write(x, "fghi", 4));
    T(take(y, 20, 100, 0)); text(5); found();
    T(take(y, 20, 100, 0)); text(4); found();
    T(write(x, "ab", 2));
    T(give(x, 1, fds, "cde"));
    T(give(x, 1, fds, "fgh"));
    T(write(x, "i", 1));
    T(take(y, 20, 100, PEEK)); text(5); found();
    T(take(y, 1, 100, 0)); text(1); found();
    T(take(y, 2, 100, 0)); text(2); found();
    T(take(y, 20, 100, 0)); text(2); found();
    T(take(y, 20, 100, PEEK)); text(3); found();
    T(take(y, 20, 100, 0)); text(3); found();
    T(take(y, 20, 100, 0)); text(1); found();
    T(give(x, 1, fds, ""));
    T(take(y, 20, 100, 0));
    for (i64 i = 3; i < 30; i++) close(i);
}

static i64 claim(i64 fd, int pid, int uid, int gid)
{
    out.level = SOL_SOCKET, out.type = 2, out.length = 28, out.data[0] = pid, out.data[1] = uid, out.data[2] = gid;
    one.size = 1;
    m = (Message){0, 0, &one, 1, &out, 32, 0};
    return CALL(NR_sendmsg, fd, &m, 0);
}
static void identity(void) { say("   flags "), say_number(m.flags), say(" control "), say_number(m.controllen), say(" type "), say_number(in.type), say(" pid "), say_number(in.data[0] == getpid() ? 1 : in.data[0] ? 2 : 0), say(" uid "), say_number(in.data[1]), say(" gid "), say_number(in.data[2]), say("\n"); }
static void identities(i64 type)
{
    T(two(type | NONBLOCK));
    i64 x = pair[0], y = pair[1];
    T(get(y, SO_PASSCRED));
    T(write(x, "before", 6));
    T(set(y, SO_PASSCRED, 1));
    T(get(y, SO_PASSCRED));
    T(take(y, 6, 100, 0)); identity();
    T(write(x, "after", 5));
    T(take(y, 6, 100, 0)); identity();
    T(claim(x, getpid(), 0, 0));
    T(take(y, 6, 100, 0)); identity();
    T(claim(x, getpid(), 7, 8));
    T(take(y, 6, 100, 0)); identity();
    T(claim(x, 99999999, 7, 8));
    T(claim(x, getpid(), 7, 8));
    T(write(x, "a", 1));
    T(take(y, 6, 100, 0)); identity();
    T(take(y, 6, 100, 0)); identity();
    T(write(x, "cut", 3));
    T(take(y, 6, 0, 0)); found();
    T(set(y, SO_PASSCRED, 0));
    T(claim(x, getpid(), 7, 8));
    T(take(y, 6, 100, 0)); found();
    int who[3] = {-5, -5, -5};
    size = 12;
    T(CALL(NR_getsockopt, x, SOL_SOCKET, SO_PEERCRED, who, &size));
    T(who[0] == getpid()), T(who[1]), T(who[2]);
    close(x), close(y);
    x = sock(type), size = 12;
    T(CALL(NR_getsockopt, x, SOL_SOCKET, SO_PEERCRED, who, &size));
    T(who[0]), T(who[1]), T(who[2]);
    close(x);
}
static void unprivileged(void)
{
    T(CALL(NR_setgroups, 0, 0));
    T(CALL(NR_setresgid, 8, 9, 10));
    T(CALL(NR_setresuid, 5, 6, 7));
    T(two(STREAM | NONBLOCK));
    T(set(pair[1], SO_PASSCRED, 1));
    T(write(pair[0], "a", 1));
    T(take(pair[1], 6, 100, 0)); identity();
    T(claim(pair[0], getpid(), 7, 8));
    T(take(pair[1], 6, 100, 0)); identity();
    T(claim(pair[0], getpid(), 0, 8));
    T(claim(pair[0], getpid(), 5, 0));
    T(claim(pair[0], 1, 5, 8));
    int who[3];
    size = 12;
    T(CALL(NR_getsockopt, pair[0], SOL_SOCKET, SO_PEERCRED, who, &size));
    T(who[0] == getpid()), T(who[1]), T(who[2]);
    i64 fd = sock(STREAM);
    T(connect(fd, named("private")));
    T(connect(fd, named("closed/socket")));
    T(bind(fd, named("closed/other")));
    T(set(fd, 32, 1000000));
    T(set(fd, SO_DEBUG, 1));
    T(set(fd, SO_PRIORITY, 6));
    T(set(fd, SO_PRIORITY, 7));
}
static void permissions(void)
{
    title("permissions");
    i64 fd = sock(STREAM);
    T(CALL(NR_umask, 077));
    T(bind(fd, named("private")));
    T(listen(fd, 4));
    look("private");
    T(mkdir("closed", 0700));
    i64 other = sock(STREAM);
    T(bind(other, named("closed/socket")));
    T(listen(other, 4));
    T(CALL(NR_umask, 022));
    CHILD(unprivileged);
    T(connect(sock(STREAM), named("private")));
    for (i64 i = 3; i < 20; i++) close(i);
}

static void options(void)
{
    title("options");
    i64 fd = sock(STREAM);
    T(get(fd, SO_TYPE)), T(get(fd, SO_DOMAIN)), T(get(fd, SO_PROTOCOL)), T(get(fd, SO_ERROR)), T(get(fd, SO_SNDBUF)), T(get(fd, SO_RCVBUF));
    T(get(fd, SO_RCVLOWAT)), T(get(fd, SO_SNDLOWAT)), T(get(fd, SO_REUSEADDR)), T(get(fd, SO_KEEPALIVE)), T(get(fd, SO_BROADCAST)), T(get(fd, SO_PRIORITY));
    T(set(fd, SO_SNDBUF, 10000)), T(get(fd, SO_SNDBUF)), T(set(fd, SO_SNDBUF, 1)), T(get(fd, SO_SNDBUF));
    T(set(fd, SO_RCVBUF, 1)), T(get(fd, SO_RCVBUF));
    T(set(fd, SO_REUSEADDR, 7)), T(get(fd, SO_REUSEADDR)), T(set(fd, SO_KEEPALIVE, 1)), T(get(fd, SO_KEEPALIVE)), T(set(fd, SO_BROADCAST, 1)), T(get(fd, SO_BROADCAST));
    T(set(fd, SO_DONTROUTE, 1)), T(get(fd, SO_DONTROUTE)), T(set(fd, SO_OOBINLINE, 1)), T(get(fd, SO_OOBINLINE)), T(set(fd, SO_PRIORITY, 5)), T(get(fd, SO_PRIORITY));
    T(set(fd, SO_RCVLOWAT, 0)), T(get(fd, SO_RCVLOWAT)), T(set(fd, SO_RCVLOWAT, -1)), T(get(fd, SO_RCVLOWAT)), T(set(fd, SO_RCVLOWAT, 3)), T(get(fd, SO_RCVLOWAT));
    T(set(fd, SO_TYPE, 1)), T(set(fd, SO_ERROR, 1)), T(set(fd, SO_DOMAIN, 1)), T(set(fd, SO_ACCEPTCONN, 1));
    T(timeout(fd, SO_RCVTIMEO, 20000)), T(timeout(fd, SO_SNDTIMEO, 2500000));
    i64 t[2] = {-1, -1};
    size = 16;
    T(CALL(NR_getsockopt, fd, SOL_SOCKET, SO_SNDTIMEO, t, &size)), T(t[0]), T(t[1]), T(size);
    i64 bad[2] = {0, 1000000};
    T(CALL(NR_setsockopt, fd, SOL_SOCKET, SO_RCVTIMEO, bad, 16));
    int linger[2] = {1, 30}, got[2] = {-1, -1};
    T(CALL(NR_setsockopt, fd, SOL_SOCKET, SO_LINGER, linger, 8));
    size = 8;
    T(CALL(NR_getsockopt, fd, SOL_SOCKET, SO_LINGER, got, &size)), T(got[0]), T(got[1]), T(size);
    T(CALL(NR_getsockopt, fd, 6, 1, &value, &size));
    T(CALL(NR_setsockopt, fd, 6, 1, &value, 4));
    close(fd);
    title("time limits");
    T(two(STREAM));
    T(timeout(pair[0], SO_RCVTIMEO, 20000));
    T(read(pair[0], b, 1));
    T(timeout(pair[0], SO_SNDTIMEO, 20000));
    i64 e;
    while ((e = write(pair[0], c, 100000)) == 100000) ;
    T(e > 0);
    T(write(pair[0], c, 100000));
    title("low water");
    T(set(pair[0], SO_RCVLOWAT, 3));
    T(write(pair[1], "ab", 2));
    T(events(pair[0]));
    T(recv(pair[0], b, 10, 0));
    T(timeout(pair[0], SO_RCVTIMEO, 20000));
    T(recv(pair[0], b, 3, WAITALL));
    close(pair[0]), close(pair[1]);
    i64 fd2 = sock(STREAM);
    T(bind(fd2, abstract("t")));
    T(listen(fd2, 1));
    T(timeout(fd2, SO_RCVTIMEO, 20000));
    T(accept(fd2));
    close(fd2);
}

static void many(void)
{
    title("many messages");
    T(two(DGRAM | NONBLOCK));
    Vector v[4] = {{"a", 1}, {"bb", 2}, {"ccc", 3}, {(void *)1, 4}};
    Many all[4];
    for (i64 i = 0; i < 4; i++) all[i] = (Many){{0, 0, &v[i], 1, 0, 0, 0}, 99};
    T(CALL(NR_sendmmsg, pair[0], all, 3, 0));
    T(all[0].length), T(all[1].length), T(all[2].length);
    T(CALL(NR_sendmmsg, pair[0], all, 0, 0));
    Vector w[4] = {{b, 10}, {b + 10, 10}, {b + 20, 10}, {b + 30, 10}};
    for (i64 i = 0; i < 4; i++) all[i] = (Many){{0, 0, &w[i], 1, 0, 0, 0}, 99};
    T(CALL(NR_recvmmsg, pair[1], all, 2, 0, 0));
    T(all[0].length), T(all[1].length);
    T(CALL(NR_recvmmsg, pair[1], all, 4, WAITFORONE, 0));
    T(all[0].length), T(all[1].length);
    T(CALL(NR_recvmmsg, pair[1], all, 4, 0, 0));
    close(pair[0]), close(pair[1]);
    title("message headers");
    T(two(STREAM | NONBLOCK));
    m = (Message){0, 0, v, 1025, 0, 0, 0};
    T(CALL(NR_sendmsg, pair[0], &m, 0));
    m = (Message){0, -1, v, 1, 0, 0, 0};
    T(CALL(NR_sendmsg, pair[0], &m, 0));
    m = (Message){0, 0, 0, 0, 0, 0, 0};
    T(CALL(NR_sendmsg, pair[0], &m, 0));
    m = (Message){&n, named("x"), v, 1, 0, 0, 0};
    T(CALL(NR_sendmsg, pair[0], &m, 0));
    m = (Message){0, 0, v, 2, 0, 0, 0};
    T(CALL(NR_sendmsg, pair[0], &m, 0));
    m = (Message){&n, sizeof n, w, 2, 0, 0, 0x77};
    T(CALL(NR_recvmsg, pair[1], &m, 0)), T(m.namelen), T(m.flags), T(m.controllen);
    make("sent", "from a file");
    i64 fd = open("sent", O_RDONLY, 0);
    T(CALL(NR_sendfile, pair[0], fd, 0, 100));
    T(read(pair[1], b, 100)); text(11);
    for (i64 i = 3; i < 20; i++) close(i);
}

static i64 served(void) /* in silence, because both would print at once: 7 when all went well */
{
    i64 client = sock(STREAM);
    if (connect(client, named("server")) || write(client, "ping", 4) != 4) return 1;
    return recv(client, b, 4, WAITALL) == 4 && !memcmp(b, "pong", 4) ? 7 : 2;
}
static void server(void)
{
    title("two processes");
    i64 fd = sock(STREAM);
    T(bind(fd, named("server")));
    T(listen(fd, 8));
    i64 pid = fork();
    if (!pid) leave(served());
    i64 end = accept(fd);
    T(end > 0);
    int who[3] = {0, 0, 0};
    size = 12;
    T(CALL(NR_getsockopt, end, SOL_SOCKET, SO_PEERCRED, who, &size));
    T(who[0] == pid);
    T(read(end, b, 100)); text(4);
    T(write(end, "po", 2));
    T(write(end, "ng", 2));
    T(wait_for(pid));
    T(read(end, b, 100));
    T(unlink("server"));
    close(end), close(fd);
}
int main(int argc, char **argv, char **environment)
{
    (void)argc, (void)argv, (void)environment;
    CALL(NR_umask, 022);
    on_pipe((void (*)(int))1);
    making();
    names();
    title("streams connect"), connections(STREAM);
    title("seqpackets connect"), connections(SEQPACKET);
    streams();
    CHILD(unread);
    CHILD(unheard);
    title("datagram pairs"), messages(DGRAM);
    title("seqpacket pairs"), messages(SEQPACKET);
    datagrams();
    title("handles in streams"), rights(STREAM);
    title("handles in datagrams"), rights(DGRAM);
    barriers();
    title("identities in streams"), identities(STREAM);
    title("identities in datagrams"), identities(DGRAM);
    permissions();
    options();
    many();
    server();
    return 0;
}
