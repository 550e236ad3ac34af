"""str: indexing, slices, methods, comparison, iteration, code points."""


def show(s: str) -> None:
    print(s, len(s), repr(s), s.encode(), [c for c in s], s + s, s * 2)


def main() -> None:
    show("Hello, World")
    show("")
    show("naïve café ☕ 🐍")
    words = ["a", "b", "ab", "B", "é", "z", "", "ab"]
    s = "hello world"
    print(s[0], s[-1], s[4], s[0:5], s[6:], s[:-3], s[-3:], s[::2], s[::-1], s[3:3], s[8:2], s[100:], s[-100:3], s[9:2:-2])
    u = "aé漢🐍z"
    print(u[1], u[2], u[3], u[-1], u[1:4], u[::-1], len(u), u.encode(), ord(u[2]), chr(128013), chr(65))
    print("a" + "b", "ab" * 3, "ab" * 0, 3 * "-", "x" in "xyz", "yz" in "xyz", "" in "abc", "q" not in "abc")
    print([x < y for x in words for y in words], [x == y for x in words for y in words], [x >= y for x in words for y in words])
    print(s.find("o"), s.find("o", 5), s.rfind("o"), s.find("zz"), s.index("w"), s.count("l"), s.count("ll"), s.find("o", 5, 7), s.rfind("l", 0, 5))
    print(s.startswith("hell"), s.endswith("world"), s.startswith("x"), s.startswith("lo", 3), s.endswith(("x", "ld")))
    print(s.replace("o", "0"), s.replace("l", "L", 2), s.replace("", "-"), "aaa".replace("aa", "b"))
    print(s.split(), "a,b,,c".split(","), "a,b,c".split(",", 1), " a  b ".split(), "a,b,c".rsplit(",", 1), "".split(), "".split(","))
    print("a=b=c".partition("="), "abc".partition("="), "a=b=c".rpartition("="), "abc".rpartition("="))
    print("  x ".strip() + "|", "  x ".lstrip() + "|", "  x ".rstrip() + "|", "xxaxx".strip("x"), "abcba".lstrip("ab"), "abcba".rstrip("ab"))
    print(",".join(["a", "b", "c"]), "".join([]), "-".join(["one"]))
    print("12".isdigit(), "1a".isdigit(), "".isdigit(), "ab".isalpha(), "a1".isalnum(), "  \t".isspace(), "AB".isupper(), "ab".islower())
    print("7".zfill(3), "-7".zfill(4), "ab".ljust(5) + "|", "ab".rjust(5) + "|", "ab".center(5) + "|", "ab".center(6, "*"), "abc".ljust(2))
    print("one\ntwo\r\nthree".splitlines(), "a\n".splitlines(True), "".splitlines())
    print("prefix-x".removeprefix("prefix-"), "x.py".removesuffix(".py"), "x".removeprefix("y"))
    print("Hello, World".upper(), "Hello, World".lower(), "hello".capitalize(), "hello world".title(), "HeLLo".swapcase())
    for ch in "aé🐍":
        print(ch, ord(ch))
    print(list("abc"), [ord(c) for c in "xyz"], sorted("banana"))
    print(repr("it's"), repr('say "hi"'), repr("both ' and \""), repr("tab\t nl\n cr\r bs\\ nul\0 del\x7f \x1b"), repr("é\u2028\U0001f40d"))
    print(int("42"), int("-17"), int(" 8 "), int("ff", 16), int("0x1f", 16), int("0x1f", 0), int("101", 2), int("1_000"), int("+5"), int("zz", 36))
    print(str(42), str(True), str(None), str("s"), hex(255), oct(8), bin(5), hex(-255))
    print("a\tb".expandtabs(4), "%" + "d", "{}" + "{x}")
    print(hash("a") == hash("a"), bool(""), bool("x"), not "")
    print(max("b", "a"), min("b", "a"), "abc".index("c"), "x".isidentifier(), "abc"[1:].encode("ascii"))
    for bad in ("", "12a", "0x", "--1", "1__0"):
        try:
            print(int(bad))
        except ValueError as e:
            print(e)
    try:
        print("abc"[3])
    except IndexError as e:
        print(e)
    try:
        print("abc".index("z"))
    except ValueError as e:
        print(e)
    try:
        print("a".split(""))
    except ValueError as e:
        print(e)


main()
