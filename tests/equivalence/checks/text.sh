# Programs that read text.

### awk-fields
printf 'root:x:0:0\ndaemon:x:1:1\nbin:x:2:2\n' | awk -F: '{ print NR, $1, $NF, NF }'
printf 'a 1\nb 2\na 3\nb 4\nc 5\n' | awk '{ s[$1] += $2 } END { for (k in s) print k, s[k] }' | sort

### awk-language
awk 'function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2) } BEGIN { print fib(17); printf "%5.2f|%-6s|%03d|%x|%e\n", 3.14159, "ab", 7, 255, 12345.678 }'
awk 'BEGIN { s = "hello world"; print length(s), substr(s, 7), index(s, "wor"), toupper(s); n = split("a,b,c", p, ","); print n, p[3]; gsub(/o/, "0", s); print s; print match("xxabc", /a.c/), RSTART, RLENGTH }'
awk 'BEGIN { while (i < 3) { i++; if (i == 2) continue; print i }; do print --i; while (i > 1); exit 4 } END { print "end" }'; echo $?
awk 'BEGIN { print 1e6, 0.1 + 0.2, 7 % 3, int(-3.9), substr("x", 0), 10 / 4, 1 / 3; print 1 == 1.0, "10" < "9", 10 < 9, !x, x "" }'

### awk-io
printf '1\n2\n3\n' >in; awk '{ print > "out" $1 } END { close("out1"); while ((getline line < "in") > 0) n++; print n; "echo from command" | getline c; print c; print "b\na" | "sort" }' in; cat out2
awk -v x=5 -f /dev/stdin in <<'P'
$1 == 2, $1 == 3 { print x * $1 }
P

### sed
printf 'one\ntwo\nthree\nfour\n' >in
sed -n '2p;$p' in; sed '2,3d' in; sed 's/o/0/2;s/t\(.*\)/<\1>/' in; sed '/two/a\
added
/three/i\
before' in; sed -e '1!G;h;$!d' in; sed = in | sed 'N;s/\n/ /'; sed -n '/one/,/three/{s/e/E/gp}' in
sed -E 's/([a-z])([a-z])/\2\1/g' in; sed 'y/abcdefo/ABCDEFO/' in; sed '$!N;P;D' in | tail -n 1

### sed-in-place
printf 'alpha\nbeta\n' >f; cp f g; sed -i.bak 's/a/A/g' f g; cat f g f.bak; sed -i '1d' f; cat f; sed -n 'w copy' g; cat copy; sed 2q f | wc -l

### grep
printf 'Apple\nbanana\ncherry pie\nApple pie\n\n' >in
grep pie in; grep -i apple in; grep -v pie in; grep -c '' in; grep -n 'an' in; grep -o 'p[a-z]' in; grep -E '^(A|b)' in; grep -F 'a.' in; echo $?
grep -w Apple in; grep -x Apple in; grep -l pie in /dev/null; grep -q nothing in; echo $?; grep -A1 banana in; grep -B1 cherry in; grep -e one -e pie in; grep pie nosuch 2>&1; echo $?
mkdir -p d/e; cp in d/e/f; grep -r cherry d; grep -rl pie d; grep -m1 pie in; grep '[[:upper:]][[:lower:]]*' in

### sort
printf '10\n9\n2\n33\n1\n' >n; sort n; sort -n n; sort -rn n; printf 'b 2\na 10\nc 1\na 2\n' >t; sort t; sort -k2n t; sort -k1,1 -k2,2nr t; sort -u n n | wc -l
printf 'x:3\ny:1\nz:2\n' | sort -t: -k2; printf 'B\na\nC\n' | sort -f; sort -c n 2>/dev/null; echo $?; printf '3K\n2M\n1G\n' | sort -h; printf 'b\0a\0' | sort -z | tr '\0' ,; echo; sort -o n n; head -n 1 n; sort -s -k1,1 t

### sort-large
seq 1 5000 | awk '{ print ($1 * 7919) % 5003 }' | sort -n | awk '$1 < p { bad = 1 } { p = $1 } END { print NR, bad + 0, p }'

### uniq-and-cmp
printf 'a\na\nb\nc\nc\nc\n' >f; uniq f; uniq -c f | sed 's/^ *//'; uniq -d f; uniq -u f; printf 'a\nb\nd\n' >x; printf 'b\nc\nd\n' >y; cmp x y; cmp -s x x; echo $?; cmp -l x y; cat f | uniq -c -i | wc -l

### cut-paste-tr
printf 'a:b:c\nd:e:f\n' >f; cut -d: -f2 f; cut -d: -f1,3 f; cut -c1-3 f; cut -c3- f; cut -d: -f2- f; printf '1\n2\n' >g; paste f g; paste -d, g g; paste -s g
echo Hello | tr a-z A-Z; echo hello | tr -d l; echo aabbcc | tr -s a-c; echo hello | tr -c 'a-z\n' _; printf 'a\tb' | tr '\t' ' '; echo; echo abc | tr abc '[x*]' 2>&1

### head-tail
seq 1 20 >f; head -n 3 f; tail -n 3 f; head -c 5 f; tail -c 4 f; tail -n +18 f; head -n -17 f; head -n 1 f f; seq 1 5 | tail -n 2

### wc
printf 'one two\nthree\n' >f; wc f; wc -l <f; wc -w f; wc -c f f; wc -L f; printf 'no newline' | wc -l; printf 'na\303\257ve\n' | wc -m

### diff
printf 'a\nb\nc\nd\n' >x; printf 'a\nB\nc\ne\nf\n' >y; diff x y | tail -n +3; echo $?; diff -u x y | tail -n +3; diff -q x y; diff x x; echo $?; diff -b x y >/dev/null; echo $?
mkdir p q; cp x p/same; cp x q/same; cp x p/only; cp y q/diff; cp x p/diff; diff -rq p q

### patch
printf 'line 1\nline 2\nline 3\nline 4\n' >f; sed 's/2/two/; 4d; 1i zero' f >g; diff -u f g >p; cp f h; patch h <p; cmp g h && echo same; patch -R h <p; cmp f h && echo back; printf 'other\n' >h; patch h <p 2>&1; echo $?

### od-hexdump
printf 'Hello\000\377\n' >f; od f; od -c f; od -An -tx1 f; od -An -tu2 f; hexdump -C f; hexdump f; xxd f; xxd -p f; xxd -p f | xxd -r -p | cmp - f && echo round; od -An -j2 -N3 -c f; od -tx4 -An f

### strings-rev-tac
printf 'abc\001defgh\000ij\n' >f; strings f; strings -n 3 f; printf 'abc\nxyz\n' | rev; seq 1 3 | tac; printf 'a\nb\n' | nl 2>/dev/null; printf 'a\tb\n' | expand; printf '        b\n' | unexpand | od -c | head -n 1; printf 'aaa bbb ccc\n' | fold -w 5; printf 'aaa bbb\n' | fold -s -w 5

### expr-bc-dc
expr 6 \* 7; expr 10 / 3; expr length hello; expr substr hello 2 3; expr hello : 'h\(.*\)o'; expr 3 \< 5; expr 0; echo $?; expr a + 1 2>/dev/null; echo $?
echo '2^64; scale=5; 10/3; sqrt(2); define f(x) { return x*x }; f(12)' | bc; echo '3 4 + p 2 k 1 3 / p' | dc; factor 12 97 1001; seq 2 3 10; seq -s, 1 5; seq 3 -1 1

### date-cal
TZ=UTC date -u -d '2024-02-29 12:34:56' '+%Y-%m-%d %H:%M:%S %j %a %b %s'; TZ=UTC date -u -d @86400 +%F; TZ=EST5EDT,M3.2.0,M11.1.0 date -d @1700000000 '+%F %T %Z'; cal 2 2024 | tail -n +2 | sed 's/ *$//'; cal 9 1752 | sed 's/ *$//'; date -d nonsense 2>/dev/null; echo $?

### base64-uuencode
printf 'any carnal pleas' | base64; echo aGVsbG8= | base64 -d; echo; head -c 100 /dev/zero | base64 -w 20 | tail -n 1; printf 'uu\n' | uuencode -m name; printf 'uu\n' >f; uuencode f f | uudecode -o -; echo bad! | base64 -d 2>/dev/null; echo $?

### checksums
printf 'The quick brown fox jumps over the lazy dog' >f; md5sum f; sha1sum f; sha256sum f; sha512sum f | cut -c1-64; sha3sum f; crc32 f
sha256sum f >s; sha256sum -c s; echo x >>f; sha256sum -c s 2>/dev/null; echo $?; head -c 1000000 /dev/zero | sha256sum; seq 1 50000 | md5sum

### ed
printf 'one\ntwo\nthree\n' >f; printf '2s/two/TWO/\n1,2p\n$a\nfour\n.\n=\nw\nq\n' | ed -s f 2>/dev/null || printf '2s/two/TWO/\n1,2p\nw\nq\n' | ed f; cat f

### xargs
seq 1 5 | xargs echo; seq 1 5 | xargs -n 2 echo; printf 'a b\0c' | xargs -0 -n 1 echo; echo 1 2 3 | xargs -I {} echo '<{}>'; seq 1 3 | xargs -t echo 2>&1; echo | xargs -r echo none; printf '1\n2\n' | xargs $BIN/sh -c 'echo $# args: "$@"; exit 3' x; echo $?
echo "'quoted arg' plain" | xargs -n 1 echo; seq 1 2000 | xargs echo | wc -lw; seq 1 4 | xargs -P 2 -n 1 $BIN/sh -c 'exit 0'; echo $?

### tee-yes-timeout
echo data | tee a b | cat; cat a b; echo more | tee -a a >/dev/null; wc -l <a; yes no | head -n 2; timeout 60 $BIN/sh -c 'exit 5'; echo $?; timeout 0.2 $BIN/sleep 100; echo $?; timeout -s KILL 0.2 $BIN/sleep 100; echo $?; timeout 60 $BIN/true; echo $?; timeout 60 ./nosuch 2>/dev/null; echo $?
