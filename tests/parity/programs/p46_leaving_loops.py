"""A loop keeps its iterator to the very end: what stands in front of break, return and raise runs before the iterator is dropped."""

from collections.abc import Iterator


class Noisy:
    def __init__(self, name: str) -> None:
        self.name = name

    def __del__(self) -> None:
        print("del", self.name)


class Counter:
    """An iterator of another kind."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.at = 0

    def __iter__(self) -> "Counter":
        return self

    def __next__(self) -> int:
        self.at += 1
        if self.at > 5:
            raise StopIteration
        return self.at

    def __del__(self) -> None:
        print("counter", self.name, "dropped at", self.at)


def numbers(name: str) -> Iterator[int]:
    held = Noisy(name)
    try:
        for i in range(5):
            yield i
    finally:
        print("cleanup", name, held.name)


def breaks(limit: int) -> None:
    for value in numbers("breaks"):
        if value == limit:
            print("before the break")
            break
        print("went on", value)
    else:
        print("no break")
    print("after")


def returns(limit: int) -> str:
    for value in numbers("returns"):
        if value == limit:
            print("before the return")
            return str(value)
    return "none"


def returns_local(limit: int) -> Noisy:
    made = Noisy("local")
    for value in numbers("returns_local"):
        if value == limit:
            print("before the return")
            return made
    return Noisy("other")


def raises(limit: int) -> None:
    for value in numbers("raises"):
        if value == limit:
            print("before the raise")
            raise ValueError(str(value))


def caught(limit: int) -> None:
    try:
        for value in numbers("caught"):
            if value == limit:
                print("before the raise")
                raise ValueError(str(value))
    except ValueError as error:
        print("except", error)
    finally:
        print("finally")


def inside(limit: int) -> None:
    for value in numbers("inside"):
        try:
            if value == limit:
                print("before the break")
                break
        finally:
            print("finally", value)
    print("after")


def raised_inside(limit: int) -> None:
    for value in numbers("raised_inside"):
        try:
            if value == limit:
                raise KeyError(value)
        finally:
            print("finally", value)


def outside(limit: int) -> int:
    try:
        for value in numbers("outside"):
            if value == limit:
                print("before the return")
                return value
    finally:
        print("finally")
    return -1


def nested(limit: int) -> int:
    for first in numbers("outer"):
        for second in Counter("inner"):
            if first + second == limit:
                print("before the return", first, second)
                return first * second
            if second > first:
                print("before the inner break")
                break
        print("end of the outer body")
    return -1


def composed(limit: int) -> None:
    for at, value in enumerate(numbers("enumerated")):
        if at == limit:
            print("before the break", value)
            break
    for left, right in zip(numbers("left"), numbers("right")):
        if left == limit:
            print("before the break", right)
            break
    for mapped in map(lambda each: each * 2, numbers("mapped")):
        if mapped >= limit:
            print("before the break", mapped)
            break
    for kept in filter(lambda each: each % 2 == 0, numbers("filtered")):
        if kept >= limit:
            print("before the break", kept)
            break


def continues() -> None:
    for value in numbers("continues"):
        if value % 2:
            print("skipped", value)
            continue
        print("kept", value)


def relay(limit: int) -> Iterator[int]:
    for value in numbers("relayed"):
        if value == limit:
            print("the relay leaves")
            break
        yield value
    print("the relay goes on")
    for value in numbers("again"):
        if value == limit:
            print("the relay returns")
            return
        yield value * 10


def delegates(limit: int) -> Iterator[int]:
    try:
        yield from relay(limit)
    finally:
        print("end of delegates")


def closes(limit: int) -> Iterator[int]:
    try:
        for value in numbers("closing"):
            try:
                yield value
            finally:
                print("inner finally", value, limit)
    finally:
        print("outer finally")


def main() -> None:
    for limit in (0, 2, 9):
        print("limit", limit)
        breaks(limit)
        print(returns(limit))
        print(returns_local(limit).name)
        try:
            raises(limit)
        except ValueError as error:
            print("caught", error)
        caught(limit)
        inside(limit)
        try:
            raised_inside(limit)
        except KeyError as error:
            print("caught", error)
        print(outside(limit))
        print(nested(limit))
        composed(limit)
        print(list(relay(limit)))
        for value in delegates(limit):
            if value == 10:
                print("leaves delegates")
                break
        for value in closes(limit):
            if value == limit:
                print("leaves closes")
                break
        print(any(value == limit for value in numbers("any")), limit in numbers("in"))
    continues()


main()
