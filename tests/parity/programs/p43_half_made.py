class Part:
    def __init__(self, fail: bool) -> None:
        if fail:
            raise MemoryError("no part")
        self.items: list[int] = [1, 2]


class Whole:
    def __init__(self, fail: bool) -> None:
        self.first = "first"
        self.part = Part(fail)
        self.last = "last"

    @property
    def count(self) -> int:
        return len(self.part.items)

    def close(self) -> None:
        print("closing", self.first)
        print("count", self.count)
        print("closed", self.last)

    def __del__(self) -> None:
        print("del", self.first)
        self.close()
        for item in self.part.items:
            print("item", item)


class More(Whole):
    def __init__(self, fail: bool) -> None:
        self.extra = [5]
        super().__init__(fail)
        self.more = Part(fail)

    def close(self) -> None:
        print("more", self.extra)
        super().close()
        try:
            print(self.more.items)
        except AttributeError as error:
            print(error)


class Early(Whole):
    def __init__(self, fail: bool) -> None:
        if fail:
            raise ValueError("early")
        super().__init__(fail)


def main() -> None:
    w = Whole(False)
    del w
    m = More(False)
    del m
    for fail in (True, False):
        try:
            Whole(fail)
        except MemoryError:
            print("caught")
        try:
            More(fail)
        except MemoryError:
            print("caught")
        try:
            Early(fail)
        except ValueError:
            print("caught")
    print("end")


main()
