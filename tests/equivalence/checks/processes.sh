# Processes. What depends on the machine itself is masked; checks with `#expect` lines cannot be asked of qemu-riscv64, whose /proc is
# the host's: their answer is what Linux's manual pages promise.

### pids
echo $$ | grep -c '^[0-9]*$'; sh -c 'echo $PPID' >p; [ "$(cat p)" = $$ ] && echo parent; (sh -c 'exit 0') & echo $! | grep -c .; wait $!; echo $?; [ $(sh -c 'echo $$') -ne $$ ] && echo different

### setsid-and-priorities
(renice -n 3 $$ >/dev/null; echo $?; renice -n 1 -p $$ >/dev/null; echo $?;); setsid $BIN/sh -c 'echo in a session; exit 4' | cat; taskset 1 $BIN/sh -c 'echo pinned'; ionice -c 2 -n 3 $BIN/sh -c 'exit 6'; echo $?

### kill-applet
kill -l 9; kill -l TERM; kill -l | head -c 30 >/dev/null; sleep 50 & kill -0 $! && echo alive; kill -9 $!; wait $!; echo $?; kill -0 $! 2>/dev/null; echo $?; kill -TERM 2>/dev/null; echo $?; kill -NOSUCH $$ 2>/dev/null; echo $?

### stop-and-continue
(i=0; while [ $i -lt 3 ]; do echo $i >>ticks; i=$((i + 1)); sleep 0.05; done) & p=$!; kill -STOP $p; kill -CONT $p; wait $p; cat ticks; sleep 100 & kill -STOP $!; kill -KILL $!; wait $!; echo $?

### id-and-groups
[ "$(id -u)" = "$(stat -c %u .)" ] && echo owner; [ "$(whoami 2>/dev/null)" = "$(id -un 2>/dev/null)" ] && echo same; id nosuchuser 2>/dev/null; echo $?

### uname
uname -m; uname -s; uname -o; [ "$(uname)" = Linux ] && echo linux; arch

### sleep-and-time
sleep 0; echo $?; sleep 0.01 0.01; echo $?; sleep x 2>/dev/null; echo $?; usleep 1000; time -p $BIN/true 2>&1 | awk '{ print $1 }'; time -f %x $BIN/false; echo $?; ts </dev/null; echo $?

### proc-self
#expect Name:	cat
#expect State:	R (running)
#expect VmSize
#expect cat
#expect /bin/busybox
#expect 0
#expect 1
#expect 2
#expect ok
grep -E '^(Name|State)' /proc/self/status | sed 's/grep/cat/'; grep -o VmSize /proc/self/status; tr '\0' '\n' </proc/self/cmdline | head -n 1 | sed 's/^tr$/cat/'; readlink /proc/self/exe; for n in 0 1 2; do [ -e /proc/self/fd/$n ] && echo $n; done; [ -d /proc/$$ ] && echo ok

### proc-maps
#expect text
#expect stack
#expect vdso
#expect no writable code
grep -q 'r-xp .*busybox' /proc/self/maps && echo text; grep -q '\[stack\]' /proc/self/maps && echo stack; grep -q '\[vdso\]' /proc/self/maps && echo vdso; grep -q ' rwxp ' /proc/self/maps && echo writable code || echo no writable code

### proc-system
#expect meminfo
#expect cpuinfo
#expect riscv
#expect uptime
#expect loadavg
#expect Linux
#expect filesystems
#expect proc
grep -q '^MemTotal: *[0-9]* kB' /proc/meminfo && echo meminfo; grep -q '^processor' /proc/cpuinfo && echo cpuinfo; grep -o -m1 'rv64' /proc/cpuinfo | sed 's/rv64/riscv/'; awk 'NF == 2 && $1 > 0 { print "uptime" }' /proc/uptime; awk 'NF == 5 { print "loadavg" }' /proc/loadavg; cut -d' ' -f1 /proc/version; grep -q tmpfs /proc/filesystems && echo filesystems; awk '$2 == "/proc" { print $3 }' /proc/mounts

### ps
#expect sleep 77
#expect S
#expect zombie gone
#expect init is 1
sleep 77 & p=$!; sleep 0.1; ps -o pid,args | awk -v p=$p '$1 == p { print $2, $3 }'; awk '{ print $3 }' /proc/$p/stat; kill $p; wait $p; [ -d /proc/$p ] || echo zombie gone; ps -o pid | awk '$1 == 1 { print "init is 1" }'

### top-and-free
#expect Mem
#expect PID
#expect Mem:
#expect up
top -b -n 1 | head -n 1 | cut -c1-3; top -b -n 1 | grep -o 'PID' | head -n 1; free | awk '/^Mem/ { print $1 }'; uptime | grep -o up

### pidof-killall
#expect found
#expect 143
#expect none
sleep 66 & p=$!; sleep 0.1; pidof sleep | grep -qw $p && echo found; kill $(pidof sleep | tr ' ' '\n' | grep -w $p); wait $p; echo $?; pidof nosuchprogram || echo none

### proc-fd-and-cwd
#expect /tmp
#expect file
#expect pipe
#expect 64
cd /tmp; readlink /proc/self/cwd; exec 8>/tmp/proc-fd-file; readlink /proc/$$/fd/8 | sed 's/.*proc-fd-//'; rm /tmp/proc-fd-file; readlink /proc/self/fd/0 </dev/null >/dev/null; true | readlink /proc/self/fd/0 | cut -d: -f1; ulimit -n 64; awk '/open files/ { print $4 }' /proc/self/limits

### mounts
#expect mounted
#expect inside
#expect busy
#expect gone
mkdir -p /tmp/m; mount -t tmpfs none /tmp/m && echo mounted; echo inside >/tmp/m/f; cat /tmp/m/f; cd /tmp/m; umount /tmp/m 2>/dev/null || echo busy; cd /; umount /tmp/m; [ -e /tmp/m/f ] || echo gone; rmdir /tmp/m

### hostname-and-chroot
#expect newname
#expect newname
#expect inside
#expect busybox
old=$(hostname); hostname newname; hostname; uname -n; hostname $old; mkdir -p /tmp/c/bin; cp /bin/busybox /tmp/c/bin/; chroot /tmp/c /bin/busybox sh -c 'echo inside; cd /; echo *' | sed 's/^bin$/busybox/'; rm -r /tmp/c

### scripts-with-interpreters
#expect hello from script a b
#expect awk says 42
#expect -x  y ./u one
#expect 126
printf '#!/bin/sh\necho hello from script "$@"\n' >s; chmod +x s; ./s a b; printf '#!/bin/awk -f\nBEGIN { print "awk says", 6 * 7 }\n' >t; chmod +x t; ./t; printf '#!/bin/echo -x  y\n' >u; chmod +x u; ./u one; printf '#!/nosuch/interpreter\n' >v; chmod -x v; ./v 2>/dev/null; echo $?

### applets-run-applets
#expect 5
#expect 2 args: 1 2
#expect 123
#expect b
#expect X=1
#expect in a session
#expect 143
timeout 60 sh -c 'exit 5'; echo $?; printf '1\n2\n' | xargs sh -c 'echo $# args: "$@"; exit 3' x; echo $?
mkdir a; touch a/b; find a -type f -exec basename {} \;; env -i X=1 env; setsid sh -c 'echo in a session'; timeout 0.2 sleep 100; echo $?
