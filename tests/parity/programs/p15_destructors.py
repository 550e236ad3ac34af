"""__del__ runs when the last reference goes, at once, in a defined order."""


class Noisy:
    def __init__(self, name: str) -> None:
        self.name = name

    def __del__(self) -> None:
        print("del", self.name)


class Owner:
    def __init__(self, name: str) -> None:
        self.name = name
        self.first = Noisy(name + ".first")
        self.second = Noisy(name + ".second")

    def __del__(self) -> None:
        print("del owner", self.name, self.first.name)


class Link:
    def __init__(self, n: int, next: "Link | None") -> None:
        self.n = n
        self.next = next

    def __del__(self) -> None:
        print("link", self.n, end=" ")


def make(name: str) -> Noisy:
    print("make", name)
    return Noisy(name)


def scope() -> None:
    a = Noisy("a")
    b = Noisy("b")
    print("in scope", a.name, b.name)


def rebind() -> None:
    x = Noisy("x1")
    print("before")
    x = Noisy("x2")
    print("after", x.name)


def alias() -> Noisy:
    x = Noisy("shared")
    y = x
    del x
    print("x gone, y lives")
    return y


def parameter(n: Noisy) -> None:
    print("got", n.name)


def loop() -> None:
    n = Noisy("before the loop")
    for i in range(3):
        n = Noisy(f"loop{i}")
    print("loop done", n.name)


def raises() -> None:
    keep = Noisy("during raise")
    raise ValueError(keep.name)


def containers() -> None:
    items = [Noisy("l0"), Noisy("l1"), Noisy("l2")]
    print("pop")
    items.pop(1)
    print("assign")
    items[0] = Noisy("l3")
    print("delete")
    del items[1]
    print("clear")
    items.clear()
    table = {"k": Noisy("v1")}
    table["k"] = Noisy("v2")
    print("replaced")
    del table["k"]
    pair = (Noisy("t0"), Noisy("t1"))
    print("tuple", pair[0].name)


def temporaries() -> None:
    make("temp")
    print(make("used").name)
    parameter(make("argument"))
    _ = make("underscore")
    print("end of temporaries")


def optional(flag: bool) -> None:
    n: Noisy | None = Noisy("maybe") if flag else None
    if n is not None:
        print("have", n.name)
    n = None
    print("none now")


def main() -> None:
    scope()
    rebind()
    y = alias()
    print("main holds", y.name)
    del y
    loop()
    try:
        raises()
    except ValueError as e:
        print("caught", e)
    containers()
    temporaries()
    optional(True)
    optional(False)
    owner = Owner("o")
    owner.first = Noisy("replacement")
    print("dropping owner")
    del owner
    chain: Link | None = None
    for i in range(5):
        chain = Link(i, chain)
    chain = None
    print()
    inner = [[Noisy("deep")]]
    inner.append([])
    inner = []
    print("end")
    last = Noisy("last local")


main()
