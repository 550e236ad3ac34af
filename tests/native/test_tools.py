"""The native tools: what each writes and the status it ends with, all in one hosted boot."""
# ruff: noqa: E501  (tables)

import re

import pytest

from tests.native.support import outcomes, run

TREE = "mkdir /tmp/tNUMBER; cd /tmp/tNUMBER; echo one > a; echo two words > b; mkdir d d/e; echo deep > d/e/f; ln -s a link\n"

CASES: dict[str, tuple[str, str, int]] = {
    "echo": ("env echo a 'b  c'; env echo -n x; env echo", "a b  c\nx\n", 0),
    "cat": ("cat a b; cat none; echo $?; cat -n a - < b", "one\ntwo words\ncat: none: not found\n1\n     1  one\n     2  two words\n", 0),
    "cat of a directory": ("cat d", "cat: d: is a directory\n", 1),
    "ls": ("ls; ls -1F; ls -d d; ls none", "a\nb\nd\nlink\na\nb\nd/\nlink@\nd\nls: none: not found\n", 1),
    "ls -a": ("touch .h d/.i; ls -a d; ls -A d", ".\n..\n.i\ne\n.i\ne\n", 0),
    "ls -R": ("ls -R d", "d:\ne\n\nd/e:\nf\n", 0),
    "ls of several": ("ls d a b", "a\nb\n\nd:\ne\n", 0),
    "ls order": ("echo longer text > z; ls -S a b z; ls -Sr a b z; ls -r a b", "z\nb\na\na\nb\nz\nb\na\n", 0),
    "ls -l": ("chmod 640 a; ls -l a link | cut -c1-22", "-rw-r----- 1 0 0 4 202\nlrwxrwxrwx 1 0 0 1 202\n", 0),
    "cp": ("cp a c; cat c; cp a b d; ls d; cp d x; echo $?", "one\na\nb\ne\ncp: d is a directory (-r copies it with all that is in it)\n1\n", 0),
    "cp -r": ("cp -r d copy; cat copy/e/f; cp -r d d/in; echo $?", "deep\ncp: d cannot be copied into itself\n1\n", 0),
    "cp onto itself": ("cp a ./a; cat a", "cp: a and ./a are the same file\none\n", 0),
    "cp -p": ("chmod 600 a; touch -d '2020-01-02 03:04' a; cp -p a c; ls -l c | cut -c1-35", "-rw------- 1 0 0 4 2020-01-02 03:04\n", 0),
    "cp of many into a file": ("cp a b link none", "cp: none is not a directory\n", 1),
    "mv": ("mv a c; cat c; mv c b d; ls d; mv none x; echo $?; mv -n d/c d/b; ls d", "one\nb\nc\ne\nmv: none: not found\n1\nb\nc\ne\n", 0),
    "mv across file systems": ("mv d /home/moved; ls d; cat /home/moved/e/f; rm -r /home/moved", "ls: d: not found\ndeep\n", 0),
    "rm": ("rm a; rm d; echo $?; rm -f none; echo $?; rm -r d; ls", "rm: d: is a directory (-r removes it with all that is in it)\n1\n0\nb\nlink\n", 0),
    "rm -d": ("rm -d d; echo $?; rm -d d/e/f; rm -d d/e d; ls", "rm: d: directory not empty\n1\na\nb\nlink\n", 0),
    "rm of what may not go": ("rm -r . ..", "rm: . is not removed\nrm: .. is not removed\n", 1),
    "mkdir": ("mkdir n n/m; mkdir n; mkdir x/y; mkdir -p x/y/z; mkdir -p x; ls -d x/y/z; mkdir -m 700 p; ls -ld p | cut -c1-10",
              "mkdir: n: already exists\nmkdir: x/y: not found\nx/y/z\ndrwx------\n", 0),
    "ln": ("ln a hard; echo more >> hard; cat a; ln -s d/e short; cat short/f; ln a b; echo $?; ln -f a b; cat b",
           "one\nmore\ndeep\nln: b: already exists\n1\none\nmore\n", 0),
    "wc": ("wc a b; wc -l < b; printf 'no newline' | wc -w; printf 'gr\\303\\274n' | wc -m; wc -c a",
           " 1  1  4 a\n 1  2 10 b\n 2  3 14 total\n1\n2\n4\n4 a\n", 0),
    "grep": ("grep o a b; grep -n 'w.*s$' b; grep -c . a none; echo $?; grep -v o a; echo $?; grep -q two b && echo yes",
             "a:one\nb:two words\n1:two words\na:1\ngrep: none: not found\n2\n1\nyes\n", 0),
    "grep -r and -l": ("grep -r deep .; grep -l o a b d/e/f; grep -io 'WO[a-z]*' b", "./d/e/f:deep\na\nb\nwo\nwords\n", 0),
    "grep -F -x -e": ("printf 'a.c\\nabc\\n' > t; grep -F a.c t; grep -x 'a.c' t; grep -e ^ab -e x t", "a.c\na.c\nabc\nabc\n", 0),
    "grep of a bad expression": ("grep '(' a", "grep: the expression has a ( without )\nusage: grep [-EFchHilnoqrsvx] [-e EXPRESSION]... [EXPRESSION] [FILE...]\n", 2),
    "env": ("env -i A=1 B=2 env; env -u PATH A=x sh -c 'echo $A [$PATH]'; env nosuch; echo $?", "A=1\nB=2\nx []\nenv: nosuch: not found\n127\n", 0),
    "kill": ("sleep 100 & env kill $!; wait $!; echo $?; env kill -l | grep KILL; env kill -9 99999", "143\n 9 KILL\nkill: 99999: no such task\n", 1),
    "uname": ("uname; uname -m; uname -s -m", "Scarlet\nriscv64\nScarlet riscv64\n", 0),
    "abi": ("abi", "linux-riscv64\nxv6-riscv64\nnative\n", 0),
    "mount": ("mkdir m; mount -t tmpfs none m; echo > m/x; mount | grep -c /tmp/tNUMBER/m; umount m; ls m; umount m", "1\numount: m: invalid argument\n", 1),
    "mount -b": ("mkdir m; mount -b d m; cat m/e/f; mount -c -r m; echo > m/e/x; echo $?; umount m; echo > d/e/x; ls d/e", "deep\n./scriptNUMBER: m/e/x: read-only file system\n1\nf\nx\n", 0),
    "strace": ("strace -o log echo traced; grep -c 'stream_write.1, .traced' log; strace busybox true 2>&1 | grep -c exit_group", "traced\n1\n1\n", 0),
    "launchers": ("linux basename /x/y; xv6 echo xv6; native echo native; xv6 none; echo $?",
                  "y\nxv6\nnative\nxv6: none: not found in /scarlet/system/xv6-riscv64\n127\n", 0),
    "help": ("rm --help | head -n 1; rm; echo $?", "usage: rm [-df] [-r] FILE...\nrm: which file?\nusage: rm [-df] [-r] FILE...\n2\n", 0),
    "a reader that is gone": ("seq 9999 | cat | head -n 1", "1\n", 0),
    "no room": ("cat a > /dev/full; echo $?", "cat: no space left\n1\n", 0),
    "hello": ("hello", "Hello from a native program\n", 0),
}  # fmt: skip
"""Name -> script, what it writes (errors too), its status. NUMBER is the script's own."""


def scripts() -> dict[str, str]:
    return {name: (TREE + script).replace("NUMBER", str(number)) for number, (name, (script, _text, _status)) in enumerate(CASES.items())}


@pytest.mark.hosted
@pytest.mark.parametrize("name", CASES)
def test_a_tool_writes_what_it_should(name: str) -> None:
    _script, text, status = CASES[name]
    assert outcomes(scripts())[name] == (text.replace("NUMBER", str(list(CASES).index(name))), status)


@pytest.mark.hosted
def test_ps_shows_processes_of_every_system() -> None:
    found = outcomes({"ps": "busybox sleep 100 & xv6 cat & sh -c 'ps -l; :'; kill %1 %2"})["ps"][0]
    rows = {tuple(re.split(r" +", line.strip())[-2:]) for line in found.splitlines()}
    assert {("SYSTEM", "NAME"), ("native", "init"), ("linux-riscv64", "busybox"), ("xv6-riscv64", "cat"), ("native", "ps")} <= rows


@pytest.mark.hosted
def test_the_shells_own_commands_say_why_they_fail() -> None:
    done = run(["sh", "-c", "shift 3"], {})
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "sh: shift: there are not so many parameters\n")
