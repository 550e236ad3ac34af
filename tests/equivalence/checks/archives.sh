# Archives and compression: much reading and writing, pipes to children, times and modes.

### tar
mkdir -p d/e; echo 1 >d/one; echo 2 >d/e/two; ln -s one d/link; ln d/one d/hard; chmod 640 d/one; touch -d '2015-05-05 05:05:05' d/one d/e/two
tar cf a.tar d; tar tf a.tar | sort; mkdir x; tar xf a.tar -C x; find x | sort; cat x/d/e/two; readlink x/d/link; stat -c '%a %h %Y' x/d/one; tar xOf a.tar d/e/two; tar cf - d | tar tf - | wc -l; tar xf nosuch 2>&1 | tail -c 26; echo $?; tar cf b.tar --exclude=e d; tar tf b.tar | sort; tar tvf a.tar d/e/two | awk '{ print $1, $3, $4 }'

### gzip
seq 1 3000 >f; gzip -c f >g.gz; wc -c <f; gunzip -c g.gz | cmp - f && echo same; gzip f; ls; gzip -t f.gz; echo $?; gunzip f.gz; ls; gzip -9 -c f | zcat | tail -n 1; printf garbage | gunzip 2>/dev/null; echo $?; head -c 50 g.gz | gunzip >/dev/null 2>&1; echo $?; tar czf t.tgz f; tar tzf t.tgz; tar xzOf t.tgz f | md5sum

### bzip2
seq 1 2000 >f; bzip2 -c f >f.bz2; bunzip2 -c f.bz2 | cmp - f && echo same; bzcat f.bz2 | tail -n 1; wc -c <f.bz2; bzip2 -t f.bz2; echo $?; printf bad | bunzip2 2>/dev/null; echo $?; tar cjf t.tbz f; tar tjf t.tbz

### xz-lzma-lzop
seq 1 500 >f; lzop -c f | lzop -dc | cmp - f && echo lzop same; printf '\3757zXZ\000\000\004' >bad.xz; xzcat bad.xz 2>/dev/null; echo $?; unlzma -c bad.xz 2>/dev/null; echo $?

### cpio
mkdir d; echo 1 >d/a; echo 22 >d/b; ln -s a d/l; find d | sort | cpio -o -H newc >c.cpio 2>/dev/null; wc -c <c.cpio; cpio -t <c.cpio 2>/dev/null; mkdir x; (cd x; cpio -id <../c.cpio 2>/dev/null); cat x/d/b; readlink x/d/l

### big-file
seq 1 120000 >f; wc f; md5sum f; sort -r f | head -n 1; tail -n 1 f; cp f g; cmp f g && echo same; dd if=f of=a bs=4096 count=50 2>/dev/null; dd if=f of=b bs=4096 skip=50 2>/dev/null; cat a b | cmp - f && echo joined; sed -n '60000p' f; grep -c 99 f
