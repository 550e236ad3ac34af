"""xv6tests [NAME...]: checks every call and every limit of the xv6 ABI, or those checks that are named; a line each, and the status."""

from scarlet.xv6 import calls
from scarlet.xv6.checks import files, memory, names, process, stress
from scarlet.xv6.checks.harness import run_check
from scarlet.xv6.text import arguments, complain, say


def main() -> int:
    checks = process.CHECKS + files.CHECKS + names.CHECKS + memory.CHECKS + stress.CHECKS
    wanted = [word.decode() for word in arguments()[1:]]
    known = [name for name, _body in checks]
    for word in wanted:
        if word not in known:
            complain(f"xv6tests: there is no check {word}".encode())
            return 1
    passed = 0
    failed = 0
    for name, body in checks:
        if len(wanted) > 0 and name not in wanted:
            continue
        if run_check(name, body):
            passed += 1
        else:
            failed += 1
    say(f"xv6tests: {passed} passed, {failed} failed\n".encode())
    return 0 if failed == 0 else 1


calls.exit(main())
