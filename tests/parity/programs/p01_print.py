"""Literals and print: the first program that has to work."""


def main() -> None:
    print("hello")
    print()
    print(1, -2, 0, 9223372036854775807, -9223372036854775808)
    print(True, False, None)
    print("a", 1, True, sep="-")
    print("no newline", end="")
    print("", end="!\n")
    print("tab\there", "quote \" ' \\", "nul\0end", "accent é, wide 漢字, emoji 🐍")
    print("""three
lines
here""")
    print("implicit " "concatenation")
    print(0x1F, 0o17, 0b101, 1_000_000)


main()
