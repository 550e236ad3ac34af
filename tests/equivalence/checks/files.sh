# Files, directories, links, and what is known of them.

### ls
mkdir -p d/sub; printf 12345 >d/five; ln -s five d/link; touch d/.dot; chmod 640 d/five; chmod 4755 d/sub 2>/dev/null; touch -d '2021-03-04 05:06:07' d/five
ls d; ls -a d; ls -1F d; ls -R d; ls -l d/five | awk '{ print $1, $2, $5 }'; ls -d d; ls -r d; ls nosuch 2>&1; echo $?; ls -l --full-time d/five 2>/dev/null | awk '{ print $6, $7 }'; ls -p d; ls -s /dev/null | cut -c1-4

### stat
printf hello >f; ln f g; ln -s f l; mkdir d; mkfifo p; chmod 751 f; touch -d '2001-02-03 04:05:06' f
stat -c '%n %s %a %A %h %F' f g l p; stat -c '%n %a %A %F' d; stat -L -c '%F' l; stat -c '%Y %y' f; stat -c '%x' f; stat -c '%i' f >i1; stat -c '%i' g >i2; cmp i1 i2 && echo same inode; stat nosuch 2>&1; echo $?; stat -c '%t %T %F' /dev/null /dev/zero

### touch
touch a; test -f a && echo made; touch -c b; ls; touch -d '2010-10-10 10:10:10' a; stat -c %y a; touch -r a c; stat -c %Y c; touch -t 199912312359.59 a; stat -c %y a; touch nodir/x 2>&1; echo $?; mkdir d; touch -d '2000-01-01 00:00:00' d; stat -c %Y d; echo x >a; [ a -nt c ] && echo newer

### links
echo data >f; ln f hard; ln -s f soft; ln -s ../work/f rel; cat hard soft rel; echo more >>hard; wc -l <f; rm f; cat soft 2>&1; cat hard; readlink soft; readlink hard; echo $?; ln hard hard 2>&1; ln -sf hard soft; cat soft; ln -s soft chain; cat chain; readlink -f chain | sed 's|.*/||'
ln -s loop1 loop2; ln -s loop2 loop1; cat loop1 2>&1; mkdir d; ln d e 2>&1 | sed 's/:.*//' | head -c 2; echo; ln -s hard d/; ls -l d | awk 'NR > 1 { print $NF }'; stat -c %h hard

### mv
echo a >a; echo b >b; mv a c; ls; mv b c; cat c; mkdir d; mv c d; ls d; mv d e; cat e/c; mkdir f; mv e f/g; find . | sort; mv nosuch x 2>&1; echo $?; mv f f/g 2>&1 | sed "s/'//g"; echo x >h; mv -n h f/g/c; cat f/g/c; mv -i h f/g/c </dev/null 2>/dev/null; cat f/g/c; mkdir full; touch full/x; mkdir m m/full; mv m/full full 2>/dev/null; ls full

### rename-over-open-file
echo old >f; exec 3<f; echo new >g; mv g f; cat <&3; cat f; exec 3<&-; echo keep >h; exec 4<h; rm h; cat <&4; exec 4<&-; ls

### unlinked-but-open
exec 5>tmp 6<tmp; rm tmp; echo hidden >&5; cat <&6; ls; exec 5>&- 6<&-; mkdir d; cd d; rmdir ../d; ls; touch x 2>&1; echo $?; cd ..; ls

### cp
echo 1 >a; chmod 600 a; touch -d '2005-05-05 05:05:05' a; cp a b; cp -p a c; stat -c '%a %Y' c; stat -c %a b; mkdir -p s/t; echo 2 >s/t/u; ln -s u s/t/l; cp -r s r; find r | sort; cp -a s q; readlink q/t/l; stat -c %F r/t/l; cp a b s; ls s; cp nosuch x 2>&1; cp s x 2>&1; echo $?; cp -r s s/inside 2>&1 | head -c 20; echo; cp a a 2>&1; echo $?; cp -l a hard && stat -c %h hard; cp -s "$PWD/a" soft && cat soft

### rm-rmdir
mkdir -p a/b/c; touch a/f a/b/g; rmdir a 2>&1; rm a 2>&1; rmdir a/b/c; rm -r a; ls; rm nosuch 2>&1; echo $?; rm -f nosuch; echo $?; mkdir -p x/y/z; rmdir -p x/y/z; ls; touch ro; chmod 444 ro; rm -f ro; ls; mkdir d; ln -s d l; rm -r l; ls; rm -rf d; rmdir . 2>/dev/null; echo $?; touch -- -dash; rm -- -dash; ls

### mkdir
mkdir a; mkdir a 2>&1; echo $?; mkdir -p a/b/c; mkdir -m 700 m; stat -c %a m; mkdir x/y 2>&1; echo f >f; mkdir f/g 2>&1; mkdir -p f/g/h 2>&1; (umask 077; mkdir u; touch v); stat -c %a u v; mkdir -p a/b/c; echo $?; mkdir -m 1777 s; stat -c '%a %A' s; find . -type d | sort

### chmod
touch f; for m in 644 u+x go-r a=r ug+w o-rwx +x 4755 g+s u=rwx,go=rx,+t -s =; do chmod $m f; printf '%s %s\n' $m $(stat -c '%a %A' f | tr ' ' ,); done; mkdir -p d/e; touch d/e/g; chmod -R 750 d; stat -c %a d d/e d/e/g; chmod 644 nosuch 2>&1; echo $?; chmod -R u=rwX,go= d; stat -c %a d/e d/e/g; umask 027; touch n; stat -c %a n; umask; umask -S

### mkfifo
mkfifo p; stat -c %F p; (echo through the pipe >p) & cat p; wait; (for i in 1 2 3; do echo $i; done >p) & while read x; do echo got $x; done <p; wait; mkfifo p 2>&1; echo $?; (cat p >out) & exec 7>p; echo a >&7; echo b >&7; exec 7>&-; wait; cat out; [ -p p ] && echo fifo; rm p; ls

### dd
seq 1 1000 >in; dd if=in of=out bs=100 count=3 2>/dev/null; wc -c <out; dd if=in bs=1 skip=10 count=8 2>/dev/null; echo; printf XXXX | dd of=out bs=1 seek=5 conv=notrunc 2>/dev/null; head -c 12 out; echo; dd if=/dev/zero bs=1024 count=64 2>/dev/null | wc -c; dd if=in bs=512 count=1 2>&1 >/dev/null | head -n 2; dd if=/dev/zero of=sparse bs=1 count=1 seek=100000 2>/dev/null; wc -c <sparse; od -An -c sparse | sort -u | head -n 2 | tail -n 1; dd if=nosuch 2>&1; echo $?; printf 'lower' | dd conv=ucase 2>/dev/null || printf 'swab' | dd conv=swab 2>/dev/null; echo; printf ab | dd bs=4 conv=sync 2>/dev/null | od -An -c; dd if=in of=/dev/full bs=512 2>/dev/null; echo $?

### truncate-fallocate
printf 1234567890 >f; truncate -s 4 f; cat f; echo; truncate -s 8 f; od -An -c f; truncate -s +2 f; wc -c <f; truncate -c -s 5 nosuch; ls; >f; wc -c <f; truncate -s 1M big; wc -c <big; head -c 3 big | od -An -tx1; rm big; fallocate -l 5000 g && wc -c <g; shred -n 1 -z g && od -An -tx1 g | sort -u | wc -l

### find
mkdir -p a/b/c; touch a/1.c a/b/2.c a/b/c/3.h; chmod 600 a/1.c; ln -s 1.c a/l; printf x >a/one
find a | sort; find a -name '*.c' | sort; find a -type d | sort; find a -type l; find a -size -2c -type f -size +0c; find a -maxdepth 1 | sort; find a -mindepth 3; find a -perm 600; find a -name '*.c' -exec $BIN/basename {} \; | sort; find a -type f -exec $BIN/echo {} + | tr ' ' '\n' | sort; find a -empty | sort; find a -path '*b/c*' | sort; find a ! -name '*.c' -type f | sort; find a \( -name 1.c -o -name 3.h \) -print | sort; find a -name 2.c -delete; ls a/b; find a -newer a/one -type f 2>/dev/null | wc -l; find a -prune; find nosuch 2>&1; echo $?; find a -depth | tail -n 1; find a -print0 | tr '\0' '\n' | wc -l; find a -links 1 -type f | sort; find a -inum 0

### du-df
mkdir d; head -c 100000 /dev/zero >d/f; du -s d >/dev/null && echo ok; df . | awk 'NR == 1 { print $1 }'; head -c 10 /dev/zero >g; du -b g 2>/dev/null; wc -c d/f g | tail -n 1

### permissions-text
touch a; chmod 000 a; ls -l a | cut -c1-10; chmod 7777 a; ls -l a | cut -c1-10; chmod 1644 a; ls -l a | cut -c1-10; mkdir d; chmod 1777 d; ls -ld d | cut -c1-10; ln -s a l; ls -l l | cut -c1-10; mkfifo p; ls -l p | cut -c1-10; ls -l /dev/null | cut -c1-10

### directory-with-many-entries
i=0; mkdir d; cd d; seq 1 300 | xargs touch; ls | wc -l; ls | sort -n | tail -n 1; rm 1??; ls | wc -l; find . -name '2*' | wc -l; for f in *; do i=$((i + 1)); done; echo $i; cd ..; rm -r d; ls

### long-names
n=$(printf '%0255d' 0); touch $n; ls | wc -c; touch ${n}x 2>&1 | tail -c 20; p=.; i=0; while [ $i -lt 30 ]; do p=$p/ddddddddd; i=$((i + 1)); done; mkdir -p $p; echo deep >$p/f; cat $p/f; find . -name f | wc -c; touch "new
line"; ls | wc -l; touch 'uml\303\244ut'; ls -1 | grep -c uml

### realpath-basename
mkdir -p a/b; touch a/b/c; ln -s a/b s; realpath s/../b/c 2>&1 | sed 's|.*/work|work|'; basename /x/y/z.c .c; basename /; dirname /x/y/z; dirname z; dirname /; readlink -f s/c | sed 's|.*/work|work|'; realpath nosuch 2>/dev/null | sed 's|.*/work|work|'; cd s; pwd | sed 's|.*/work|work|'; pwd -P | sed 's|.*/work|work|'; cd ..; pwd | sed 's|.*/work|work|'

### mktemp-install
f=$(mktemp -p . t.XXXXXX); [ -f $f ] && stat -c %a $f; d=$(mktemp -d -p . d.XXXXXX); stat -c '%a %F' $d; mktemp -p . noxes 2>/dev/null; echo $?; echo x >s; install -m 711 s t; stat -c %a t; install -d -m 750 p/q; stat -c %a p/q; install -D s x/y/z 2>&1; cat x/y/z; which cat >/dev/null && echo found; tail -f s & sleep 0.2; kill $!; wait $! ; echo $?

### sync-fsync
echo x >f; sync; sync f; echo $?; sync -d f; echo $?; sync -f f; echo $?; sync nosuch 2>&1; echo $?; dd if=f of=g conv=fsync 2>/dev/null; cat g

### devices
echo discarded >/dev/null; cat /dev/null; head -c 4 /dev/zero | od -An -tx1; head -c 16 /dev/urandom | wc -c; echo x 2>/dev/null >/dev/full; echo $?; dd if=/dev/zero of=/dev/null bs=1M count=4 2>/dev/null; echo $?; echo to stdin | cat /dev/stdin; echo to fd | cat /dev/fd/0; [ -c /dev/null ] && echo character; echo via stdout >/dev/stdout; head -c 3 /dev/full | od -An -tx1; cat /dev/null/x 2>&1; : </dev/tty; echo after 
