"""Loops and branches with every exit."""


def find(limit: int, wanted: int) -> int:
    for i in range(limit):
        if i * i == wanted:
            print("found", i)
            break
        if i % 2:
            continue
        print("even", i)
    else:
        print("not found")
        return -1
    return i


def collatz(n: int) -> int:
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    else:
        print("reached one")
    return steps


def nested() -> None:
    for i in range(3):
        for j in range(3):
            if j == 2:
                break
            if i == 1:
                continue
            print(i, j)
        else:
            print("inner never completes")
    else:
        print("outer completed")


def chain(n: int) -> str:
    if n < 0:
        return "negative"
    elif n == 0:
        return "zero"
    elif n < 10:
        return "digit"
    return "many"


def ranges() -> None:
    for i in range(10, 0, -3):
        print(i, end=" ")
    print()
    for i in range(-5, 6, 5):
        print(i, end=" ")
    print()
    for _ in range(5, 5):
        print("never")
    print(len(range(10)), len(range(0, 10, 3)), len(range(10, 0, -4)), len(range(3, 1)), 4 in range(0, 10, 2), 5 in range(0, 10, 2))


def while_true() -> int:
    n = 0
    while True:
        n += 1
        if n > 5:
            return n


def main() -> None:
    print(find(10, 9), find(5, 36), find(9, 49))
    print(collatz(27))
    nested()
    for n in (-1, 0, 5, 50):
        print(chain(n))
    ranges()
    print(while_true())
    i = 99
    for i in range(3):
        pass
    print(i)
    for i in range(0):
        pass
    print(i)


main()
