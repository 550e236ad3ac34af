"""What busybox makes of sockets, netlink and /proc/net: one hosted run, many questions."""

import subprocess
import sys

SCRIPT = """
syslogd -n -O /tmp/log &
until [ -S /dev/log ]; do sleep 0.01; done
logger -t test -p user.warn over /dev/log
until grep -q over /tmp/log; do sleep 0.01; done
grep -c 'user.warn test: over /dev/log' /tmp/log
ls -l /dev/log | cut -c1-10
netstat -xa | grep -c DGRAM.*/dev/log
ls -l /proc/$!/fd | grep -c 'socket:\\[[0-9]*\\]'
kill $!; wait
echo == ip
ip link show lo | head -1
ip addr add 10.9.8.7/24 dev lo
ip -4 addr show dev lo | grep inet
ip route add 10.7.0.0/16 via 10.9.8.1
ip route
ip route get 10.7.1.2
ip route del 10.7.0.0/16; ip route del 10.7.0.0/16
ip addr del 10.9.8.7/24 dev lo
ip link add dummy0 type dummy
echo == ifconfig
ifconfig lo mtu 1400 127.0.0.5 netmask 255.255.0.0
ifconfig lo | grep -E 'inet|MTU'
ifconfig lo down; ifconfig; ifconfig lo up
route add -net 10.6.0.0 netmask 255.255.0.0 dev lo
route -n | tail -1
echo == refused
busybox nc 127.0.0.1 80
ping6 ::1 2>&1 | tail -1
"""

EXPECTED = """\
1
srw-rw-rw-
1
1
== ip
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue
    inet 127.0.0.1/8 scope host lo
    inet 10.9.8.7/24 scope global lo
10.7.0.0/16 via 10.9.8.1 dev lo
10.9.8.0/24 dev lo scope link  src 10.9.8.7
10.7.1.2 via 10.9.8.1 dev lo  src 10.9.8.7
ip: RTNETLINK answers: No such process
ip: RTNETLINK answers: Operation not supported
== ifconfig
          inet addr:127.0.0.5  Mask:255.255.0.0
          UP LOOPBACK RUNNING  MTU:1400  Metric:1
10.6.0.0        0.0.0.0         255.255.0.0     U     0      0        0 lo
== refused
nc: socket: Protocol not supported
ping6: can't create raw socket: Address family not supported by protocol
"""


def test_tools_for_the_network_agree_with_the_kernel() -> None:
    command = [sys.executable, "-m", "scarlet.cli.main", "run", "--hosted", "--no-tty", "--timeout", "120"]
    command += ["--", "busybox", "sh", "-c", f"exec 2>&1; {SCRIPT}"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180)
    assert [line.rstrip() for line in done.stdout.splitlines()] == EXPECTED.splitlines(), done.stderr
