# The shell itself: what a script can do without another program, and how it starts, joins and loses others.
# A line `### NAME` starts a check; see ../corpus.py.

### arithmetic
echo $((6 * 7)) $((7 / 2)) $((-7 / 2)) $((-7 % 3)) $((1 << 40)) $((0x1f ^ 0x0f)) $((010))
i=5; echo $((i++)) $i $((++i)) $((i--)) $i $((i > 3 ? 10 : 20)) $((!i)) $((~i))
echo $((9223372036854775807 + 1))

### functions
fact() { if [ "$1" -le 1 ]; then echo 1; else echo $(($1 * $(fact $(($1 - 1))))); fi; }
fact 10
outer() { local x=inner; show; }
show() { echo "x is $x, $# arguments, first '${1-none}'"; }
x=global; outer; show a b; status() { return 42; }; status; echo $?

### here-documents
name=world
cat <<END
hello $name
	tab stays $((1 + 1)) `echo sub` \$literal
END
cat <<'END'
hello $name `not run`
END
cat <<-END
	indented
		twice
	END
tr a-z A-Z <<A; cat <<B
first
A
second
B

### parameter-expansion
path=/usr/local/lib/libc.so.6
echo ${path##*/} ${path%/*} ${path#*/} ${path%%.*} ${#path}
unset u; echo "${u-unset}" "${u:-empty or unset}" "${u:=assigned}" "$u" "${u:+set}"
echo ${path/local/share} ${path//l/L} ${path:5:5} ${path:(-4)}
e=; echo "[${e-x}]" "[${e:-x}]" "[${e+y}]" "[${e:+y}]"
(: ${missing:?not there}) 2>&1; echo $?

### quoting
set -- "a b" 'c "d"' e\ f; echo $#; for w in "$@"; do echo "<$w>"; done; for w in $*; do echo "<$w>"; done
IFS=,; echo "$*"; v=1,2,,3; set -- $v; echo $# "$3"
echo 'it'\''s' "a\"b" "\$x" "`echo \"nested\"`"

### loops-and-case
for i in 1 2 3 4 5 6; do
    case $i in 1) continue ;; 3 | 4) echo "three or four: $i" ;; [0-9]) echo "digit $i" ;; esac
    [ $i = 5 ] && break
done
n=3; while [ $n -gt 0 ]; do printf '%s ' $n; n=$((n - 1)); done; echo
until [ $n -ge 3 ]; do n=$((n + 1)); done; echo $n
for a in x y; do for b in 1 2 3; do [ $b = 2 ] && continue 2; echo $a$b; done; done

### pipelines
seq 1 100 | grep 7 | sort -rn | head -n 5 | tr '\n' ' '; echo
printf 'c\nb\na\n' | (read first; echo "first $first"; sort)
false | true; echo $?; true | false; echo $?; ! true; echo $?
set -o pipefail; false | true; echo $?
echo one | while read line; do echo "got $line"; done

### long-pipeline
seq 1 20000 | cat | cat | cat | awk '{ s += $1 } END { print s, NR }'
yes abcdefgh | head -c 300000 | wc -c

### broken-pipe-ends-writer
(yes; echo "yes ended with $?" >&2) 2>status | head -n 1; sleep 0.1; cat status
(trap '' PIPE; while echo x; do :; done; echo "echo failed: $?" >&2) 2>status2 | head -n 1
while ! grep -q failed status2; do sleep 0.1; done; grep failed status2

### traps
trap 'echo leaving with $?' EXIT
trap 'echo got usr1' USR1
trap 'echo got term' TERM
kill -USR1 $$; kill -TERM $$; echo still here
trap - TERM; trap '' HUP; kill -HUP $$; echo hup ignored
(trap 'echo child exit' EXIT; exit 3); echo $?
exit 9

### signals-end-children
sh -c 'kill -TERM $$'; echo $?
sh -c 'kill -KILL $$'; echo $?
sh -c 'kill -SEGV $$' 2>/dev/null; echo $?
sleep 100 & p=$!; kill -INT $p; kill $p; wait $p; echo $?
sh -c 'trap "exit 7" USR1; kill -USR1 $$; echo not reached'; echo $?

### wait-and-background
(sleep 0.05; exit 3) & a=$!; (exit 4) & b=$!
wait $b; echo $?; wait $a; echo $?; wait $a; echo $?
for i in 1 2 3; do (sleep 0.0$i; echo $i >>order) & done; wait; sort order
true & wait; echo $?

### job-control
set -m 2>/dev/null
sleep 100 & sleep 200 &
kill -STOP %1; sleep 0.1; jobs | sed 's/  *$//' | cut -c1-20
kill -CONT %1; kill %1 %2; wait %1; echo $?; wait %2; echo $?

### subshells
x=1; (x=2; cd /; echo $x $PWD); echo $x; { x=3; }; echo $x
y=$(x=4; echo $x; exit 5); echo $? $y $x
(exit 6) || echo failed $?; (true) && echo worked
f() ( x=inside; echo $x ); f; echo $x

### redirections
echo out >file; echo more >>file; cat <file; wc -l <file
{ echo to out; echo to err >&2; } >both 2>&1; cat both
exec 3>three; echo via three >&3; exec 3>&-; cat three
echo swapped 3>&1 1>&2 2>&3 3>&- 2>/dev/null | cat
exec 4<file; read a <&4; read b <&4; echo "$b,$a"; exec 4<&-
cat <&4 2>/dev/null; echo $?
set -C; echo x >file 2>/dev/null; echo $?; echo x >|file; cat file

### read-builtin
printf 'a b c d\n1:2:3\nback\\slash\nlast' >in
{ read x y z; echo "$x|$y|$z"; IFS=: read x y z; echo "$x|$y|$z"; read -r l; echo "$l"; read l; echo "$? $l"; read l; echo "$?"; } <in
printf 'xyz' | { read -n 2 c; echo "$c"; }

### printf-builtin
printf '%d %5d|%-5d|%05d %x %X %o %c %s %%\n' 42 42 42 42 255 255 8 zed str
printf '%s-%s\n' a b c d e; printf '%b' 'tab\there\n'; printf '%q\n' "it's" 2>/dev/null || echo no q
printf '%.3s|%10.2s|\n' abcdef xyz; printf '%e %.2f %g\n' 1234.5 3.14159 0.0001; printf '\101\x42\n'

### test-builtin
touch f; mkdir d; ln -s f l; ln -s nowhere broken; chmod 755 f; echo x >g
for t in '-e f' '-f d' '-d d' '-L l' '-e broken' '-L broken' '-s f' '-s g' '-x f' '-x g' '-p f' '-z ""'; do eval "[ $t ]"; echo "$t $?"; done
[ a = a -a b != c ]; echo $?; [ 3 -lt 10 ]; echo $?; [ a \< b ]; echo $?; [ ! -e nothing ]; echo $?
touch -d '2020-01-01 00:00' old; [ f -nt old ]; echo $?; [ f -ef l ]; echo $?; [[ abc == a*c ]]; echo $?

### getopts
set -- -a -b value -c rest1 rest2
while getopts ab:cd opt; do echo "$opt ${OPTARG-}"; done; shift $((OPTIND - 1)); echo "$*"
OPTIND=1; set -- -x; getopts ab opt 2>&1; echo "$opt"

### command-not-found
nosuchcommand; echo $?; ./nosuchfile; echo $?; echo x >plain; ./plain 2>/dev/null; echo $?; mkdir dir; ./dir 2>/dev/null; echo $?
command -v cd; type nosuch 2>&1; command nosuch 2>/dev/null; echo $?

### errexit
(set -e; true; false; echo not reached); echo $?
(set -e; if false; then :; fi; false || true; ! true; echo reached; exit 8); echo $?
set -u; (echo $undefined_variable) 2>/dev/null; echo $?

### eval-and-source
eval 'a=1; b="two words"'; echo $a "$b"
echo 'sourced=$1; return 5' >lib; . ./lib argument; echo $? $sourced
n=var; eval "$n=dynamic"; eval echo \$$n; alias hi='echo aliased'; eval hi; unalias hi

### glob
touch a1 a2 b1 .hidden 'sp ace'; mkdir sub; touch sub/x.c sub/y.c sub/z.h
echo *; echo a?; echo [ab]1; echo [!a]*; echo .h*; echo sub/*.c; echo nomatch*; echo */; echo "*"; set -f; echo *

### exit-statuses
for s in 0 1 2 77 127 128 200 255; do (exit $s); printf '%s ' $?; done; echo
(exit 256); echo $?; sh -c 'exit -1'; echo $?; sh -c 'return 3' 2>/dev/null; echo $?
exit 37

### exec-replaces
echo before; (exec echo replaced; echo not reached); sh -c 'exec sh -c "exit 21"'; echo $?
exec 2>&1; exec nosuchprogram; echo not reached

### times-and-ulimit
ulimit -n 64; ulimit -n; (ulimit -n 10; sh -c 'ulimit -n'); ulimit -Hn >/dev/null && echo ok
ulimit -f 1; (dd if=/dev/zero of=big bs=1024 count=10) 2>/dev/null; echo $?; wc -c <big

### deep-recursion
f() { if [ $1 -gt 0 ]; then f $(($1 - 1)); else echo bottom; fi; }; f 500

### environment
A=exported; export A; B=private; sh -c 'echo "[$A] [$B]"'; A=once sh -c 'echo $A'; echo $A
env -i X=1 Y=2 $BIN/env | sort; env -u A $BIN/sh -c 'echo "${A-unset}"'; export -n A; sh -c 'echo "${A-unset}"'
printenv NOTHING; echo $?

### many-forks
i=0; while [ $i -lt 60 ]; do (exit $((i % 7))) || true; i=$((i + 1)); done; echo $i
n=0; for i in $(seq 1 40); do n=$((n + $(echo $i))); done; echo $n
