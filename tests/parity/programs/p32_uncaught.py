"""An uncaught exception: finally blocks run, the text goes to stderr, the status is 1."""


class Noisy:
    def __init__(self, name: str) -> None:
        self.name = name

    def __del__(self) -> None:
        print("del", self.name)


class Custom(Exception):
    pass


def deep(n: int) -> int:
    if n == 0:
        raise Custom("from the deep")
    try:
        return deep(n - 1)
    finally:
        print("unwinding", n)


def main() -> None:
    print("before")
    deep(3)
    print("never")


main()
