"""Classes: attributes, inheritance, virtual calls, super, properties, class and static methods."""


class Animal:
    legs = 4
    count: int = 0

    def __init__(self, name: str) -> None:
        self.name = name
        self.age: int = 1

    def speak(self) -> str:
        return "..."

    def describe(self) -> str:
        return self.name + " says " + self.speak()

    def birthday(self) -> None:
        self.age += 1

    @property
    def label(self) -> str:
        return "<" + self.name + ">"

    @staticmethod
    def double(n: int) -> int:
        return n * 2

    @classmethod
    def make(cls) -> "Animal":
        return Animal("made")


class Dog(Animal):
    def speak(self) -> str:
        return "woof"


class Puppy(Dog):
    legs = 3

    def __init__(self, name: str, toy: str) -> None:
        super().__init__(name)
        self.toy = toy

    def speak(self) -> str:
        return super().speak() + "!"

    def describe(self) -> str:
        return super().describe() + " with " + self.toy


class Temperature:
    def __init__(self, degrees: int) -> None:
        self._degrees = degrees

    @property
    def degrees(self) -> int:
        return self._degrees

    @degrees.setter
    def degrees(self, value: int) -> None:
        print("set", value)
        self._degrees = value


class Node:
    def __init__(self, value: int, next: "Node | None" = None) -> None:
        self.value = value
        self.next = next


def total(node: Node | None) -> int:
    result = 0
    while node is not None:
        result += node.value
        node = node.next
    return result


def kinds(a: Animal) -> str:
    if isinstance(a, Puppy):
        return "puppy " + a.toy
    if isinstance(a, Dog):
        return "dog"
    return "animal"


def main() -> None:
    animals: list[Animal] = [Animal("generic"), Dog("rex"), Puppy("bit", "ball")]
    for a in animals:
        print(a.describe(), a.label, a.legs, kinds(a), isinstance(a, Dog))
        a.birthday()
        print(a.age)
    print(Animal.legs, Puppy.legs, Animal.double(21), Animal.make().name, Dog("x").double(4))
    Animal.count += 5
    print(Animal.count)
    t = Temperature(20)
    t.degrees = 25
    t.degrees += 1
    print(t.degrees)
    chain = Node(1, Node(2, Node(3)))
    print(total(chain), total(None))
    other = chain
    other.value = 100
    print(total(chain), other is chain, chain.next is other, chain.next is not None)
    method = animals[1].describe
    print(method())
    animals[0].name += "!"
    print(animals[0].name)


main()
