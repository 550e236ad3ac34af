"""The native shell's language, against the shell of this machine: each script must print the same and end with the same status in both."""
# ruff: noqa: E501  (tables)

import subprocess

import pytest

from tests.native.support import outcomes

SCRIPTS = {
    "lists": "echo a; echo b && echo c || echo d; false && echo e || echo f; ! true; echo $?",
    "statuses": "(exit 3); echo $?; sh -c 'exit 4'; echo $?; true | false; echo $?; false | true; echo $?",
    "if": "if false; then echo a; elif true; then echo b; else echo c; fi; if false; then echo d; fi; echo $?",
    "while": "i=0; while [ $i -lt 5 ]; do i=$((i+1)); [ $i -eq 2 ] && continue; [ $i -eq 4 ] && break; echo $i; done; echo end $i",
    "until": "i=3; until [ $i -eq 0 ]; do echo $i; i=$((i-1)); done",
    "for": 'for w in a "b c" d; do echo "[$w]"; done; for n in; do echo never; done; echo $?',
    "nested loops": "for a in 1 2 3; do for b in x y; do [ $a$b = 2x ] && continue 2; [ $a$b = 3y ] && break 2; echo $a$b; done; done",
    "case": 'for w in abc xyz "" 7; do case $w in a*|b*) echo A;; [0-9]) echo digit;; "") echo empty;; *) echo other;; esac; done',
    "functions": 'f() { echo "$# $1"; shift; [ $# -gt 0 ] && f "$@"; return 5; }; f a "b c" d; echo $?',
    "function redirections": "f() { echo out; echo err >&2; }; f > ./out 2>&1; cat ./out",
    "variables": 'a=1 b="two words"; echo $a$b ${b} "$b"; a=; echo "[$a]" ${a:-default} ${a-unset}; unset a; echo ${a-unset}',
    "assignments before a command": "x=1; x=2 sh -c 'echo $x'; echo $x",
    "export": "x=1; export x; y=2; sh -c 'echo $x [$y]'",
    "subshell": "x=1; (x=2; echo $x; cd /; exit 7); echo $x $?",
    "subshells have functions and variables": 'f() { echo "f sees $v"; }; v="a b"; (f); f | cat; echo $(f)',
    "group": "{ echo a; echo b; } | tr a-z A-Z; { echo c; } > ./file; cat ./file",
    "substitution": 'echo $(echo a; echo b) "$(printf "x\\ny\\n\\n")" `echo back`; x=$(exit 3); echo $?',
    "substitution once": "cat $(echo run >> ./log; echo ./log); wc -l < ./log",
    "nested substitution": 'echo $(echo $(echo "deep $(echo er)"))',
    "arithmetic": "x=5; echo $((x * 2 + 1)) $(( (x > 3) && (x != 4) )) $((-7 / 2)) $((7 % -3)) $((y = 4)) $y",
    "here-document": "x=val; cat <<E\nthe $x $(echo sub) \\$x\nE\ncat <<'E'\nthe $x\nE\ncat <<-E | cat\n\ttabs\n\tE\n",
    "here-documents": "cat <<A; cat <<B\nfirst\nA\nsecond\nB\necho third",
    "large here-document": "cat <<E | wc -c\n" + "x" * 9000 + "\nE",
    "redirections": "echo a > ./f; echo b >> ./f; cat < ./f; cat ./f ./none 2>/dev/null; echo $?; echo err 2>&1 >&2 | cat",
    "order of redirections": "sh -c 'echo out; echo err >&2' 2>&1 > ./f | tr a-z A-Z; cat ./f",
    "closing": "echo x >&-; echo $?; sh -c 'echo y 2>/dev/null' >&- 2>/dev/null; echo",
    "a file that is not there": "cat < ./none || echo failed; echo b",
    "numbers of slots": "exec 3> ./f; echo three >&3; exec 3>&-; cat ./f; exec 4< ./f; read x <&4; echo got $x",
    "exec redirects the shell": "exec > ./f; echo hidden; exec > /dev/null; cat ./f",
    "pipelines": "echo a b c | tr ' ' '\\n' | sort -r | head -n 2; seq 100 | while read n; do [ $n = 3 ] && echo three; done",
    "read": 'printf \'a b  c\\nlast\' > ./f; { read x y; echo "[$x][$y]"; read z; echo "[$z] $?"; read w; echo "[$w] $?"; } < ./f',
    "quotes": "echo 'single $x' \"double \\\"q\\\" \\$x\" un\\ quoted a'b'\"c\" ''",
    "positional": 'set -- a "b c"; echo $# "$1" "$2"; for w in "$@"; do echo "[$w]"; done; echo "$*"; shift; echo $1',
    "globs": "mkdir ./d; cd ./d; touch a.c b.c .hidden 'x y'; echo *; echo *.c ?.c [ab].* .h*; echo *.none; for f in *; do echo \"$f\"; done; cd ..; echo d/*.c",
    "set -e": "set -e; false || echo caught; if false; then :; fi; ! true; false; echo never",
    "eval": "x='echo $y'; y=5; eval $x; eval 'z=1; echo z$z'",
    "dot": "echo 'v=from-file; return 3' > ./lib; . ./lib; echo $? $v",
    "test": "[ a = a ] && [ ! -f /none ] && [ -d / ] && [ -n x ] && [ -z '' ] && [ 2 -gt 1 ] && test x && echo all; [ a = b ]; echo $?",
    "umask": "umask 077; touch ./f; ls -l ./f | cut -c1-10; umask",
    "not found": "nosuchprogram 2>/dev/null; echo $?; /etc 2>/dev/null; echo $?",
    "killed": "sh -c 'kill -9 $$'; echo $?; sleep 100 & kill $!; wait $!; echo $?",
    "background": "{ sleep 0; echo later; } & wait; echo waited; sh -c 'exit 6' & wait $!; echo $?",
    "comments": "echo a # comment\n# whole line\necho b#c",
    "continued lines": "echo a \\\n  b\necho 'x\ny' &&\necho z |\ncat",
    "exit in a pipeline": "echo a | { read x; echo $x; exit 4; }; echo $?",
    "exit status of the script": "echo a; exit 9",
    "last status is the script's": "true; (exit 5)",
    "trims": "p=/usr/lib/a.tar.gz; echo ${p##*/} ${p%%.*} ${p%.*} ${p#*/} ${#p}",
    "cd": "mkdir -p ./x/y; cd ./x/y; cd ..; pwd | sed 's,.*/,,'; cd - > /dev/null; pwd | sed 's,.*/,,'; cd /nowhere || echo failed",
}
"""No script may print what differs by nature: the words of error messages, process numbers."""


def on_this_machine(script: str, folder: str) -> tuple[str, int]:
    done = subprocess.run(["dash", "-c", script], cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
    return done.stdout, done.returncode


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_does_what_it_does_elsewhere(name: str, tmp_path: object) -> None:
    mine = {name: _in_a_folder(number, text) for number, (name, text) in enumerate(SCRIPTS.items())}
    expected = on_this_machine(SCRIPTS[name], str(tmp_path))
    assert outcomes(mine)[name] == expected


def _in_a_folder(number: int, script: str) -> str:
    """Each script has a directory of its own, and nothing to say about errors."""
    return f"exec 2>/dev/null; mkdir /tmp/s{number}; cd /tmp/s{number}\n{script}"
