from collections.abc import Iterator


def simple(n: int) -> Iterator[int]:
    for i in range(10):
        try:
            yield i
        finally:
            print("leaving", i)


def returns(n: int) -> Iterator[int]:
    for i in range(10):
        try:
            if i == n:
                return
            yield i
        finally:
            print("leaving", i)


def consume(it: Iterator[int], limit: int) -> None:
    for value in it:
        print("got", value)
        if value == limit:
            break


def main() -> None:
    consume(simple(3), 1)
    print("-")
    consume(returns(3), 1)
    print("-")
    it = returns(3)
    print(next(it))
    del it
    print("-")


main()
