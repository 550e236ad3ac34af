"""== between text, bytes and objects of which only object is known."""


class Thing:
    pass


def show(o: object) -> None:
    print("str", "a" == o, o == "a")
    print("bytes", b"a" == o, o == b"a")
    print("array", bytearray(b"a") == o, o == bytearray(b"a"))
    print("view", memoryview(b"a") == o)
    print("same", o == o, "" == o, b"" == o)


show("a")
show(b"a")
show(bytearray(b"a"))
show(memoryview(b"a"))
show("")
show(b"")
show(Thing())
