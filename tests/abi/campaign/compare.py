"""Finding what differs between the worlds, and making it short."""

import gc
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from scarlet.lang.errno import errno_name
from tests.abi.campaign.calls import Call, Script, new_script
from tests.abi.campaign.known import is_known, is_unsettled
from tests.abi.campaign.script import MAX_ERRNO, runner
from tests.abi.campaign.worlds import on_linux, on_scarlet


@dataclass
class Difference:
    """A script whose last call is answered differently."""

    seed: int
    script: Script
    as_user: bool
    linux: list[object]
    scarlet: list[object]

    def key(self) -> tuple[object, ...]:
        """Differences with the same key have the same reason, as a rule."""
        return (self.script[-1][0], shown_result(self.linux[0]), shown_result(self.scarlet[0]), self.linux[0] == self.scarlet[0])

    def text(self) -> str:
        calls = "\n".join(f"    {shown_call(call)}" for call in self.script)
        who = "user" if self.as_user else "root"
        linux, scarlet = shown(self.linux), shown(self.scarlet)
        return f"script {self.seed} as {who}:\n{calls}\n    Linux:   {linux}\n    Scarlet: {scarlet}"


def shown_call(call: Call) -> str:
    name, arguments = call
    values = [value - (1 << 64) if value >> 63 else value for value in arguments]
    return f"{name}({', '.join(hex(value) if value >= 4096 else str(value) for value in values)})"


def shown_result(result: object) -> str:
    if isinstance(result, int) and -MAX_ERRNO <= result < 0:
        return errno_name(-result)
    return "ok" if result != 0 else "0"


def shown(answer: list[object]) -> str:
    result, stored = answer
    return f"{result if isinstance(result, int) and result >= 0 else shown_result(result)}{', stores ' + str(stored) if stored else ''}"


def campaign(seed: int, count: int, length: int, only: list[str]) -> Iterator[Difference]:
    """The differences of so many scripts."""
    gc.collect()
    gc.freeze()  # every machine begins with a collection, which need not look at the interpreter
    for number in range(seed * 1_000_000, seed * 1_000_000 + count):
        random = Random(number)
        as_user = random.random() < 0.4
        found = difference(number, new_script(random, length, only), as_user=as_user)
        if found is not None:
            yield found


def difference(seed: int, script: Script, *, as_user: bool) -> Difference | None:
    """The first call that the worlds answer differently, and what leads to it."""
    run = runner(script, as_user=as_user)
    linux = on_linux(run)
    if linux is None:
        return None
    scarlet = on_scarlet(run)
    for index, (one, other) in enumerate(zip(linux, scarlet, strict=True)):
        assert isinstance(one, list) and isinstance(other, list)
        if one == other:
            if is_unsettled(*script[index], one[0]):
                return None
            continue
        found = Difference(seed, script[: index + 1], as_user, one, other)
        if not is_known(script[index][0], shown_result(one[0]), shown_result(other[0])):
            return found
        if one[0] >= 0 or other[0] >= 0 or is_unsettled(*script[index], one[0]):
            return None  # from here on the worlds are not the same
    return None


def shortened(found: Difference) -> Difference:
    """The same difference with as few calls before it as possible."""
    index = 0
    while index < len(found.script) - 1:
        shorter = found.script[:index] + found.script[index + 1 :]
        again = difference(found.seed, shorter, as_user=found.as_user)
        if again is not None and again.script == shorter and again.key() == found.key():
            found = again
        else:
            index += 1
    return found
