"""Enum, IntEnum, IntFlag: names, values, identity, iteration, arithmetic, lookup."""

from enum import Enum, IntEnum, IntFlag, auto


class State(Enum):
    IDLE = "idle"
    RUNNING = "running"
    DONE = "done"

    def is_final(self) -> bool:
        return self is State.DONE


class Level(IntEnum):
    LOW = 1
    MIDDLE = 5
    HIGH = 10


class Mode(IntFlag):
    READ = 4
    WRITE = 2
    EXEC = 1
    RW = READ | WRITE


class Auto(Enum):
    A = auto()
    B = auto()
    C = auto()


class Task:
    def __init__(self) -> None:
        self.state = State.IDLE
        self.mode = Mode.READ


def same(a: State, b: State) -> bool:
    return a == b and a is b and not a != b


def equals(level: Level, n: int) -> bool:
    return level == n


def main() -> None:
    print(State.IDLE, State.IDLE.name, State.IDLE.value, repr(State.DONE), State.DONE.is_final(), State.IDLE.is_final())
    t = Task()
    print(same(State.IDLE, State.IDLE), same(State.IDLE, State.DONE), State.IDLE is t.state)
    t.state = State.RUNNING
    print(t.state is State.RUNNING, t.state.name)
    print(Level.HIGH.value, Level.HIGH > Level.LOW, Level.LOW + 1, int(Level.MIDDLE), Level.HIGH.name, Level(5).name, equals(Level.LOW, 1), equals(Level.LOW, 2))
    m = Mode.READ | Mode.EXEC
    print(m.value, bool(m & Mode.WRITE), bool(m & Mode.READ), (m | Mode.WRITE).value, (m & ~Mode.READ).value, Mode.RW.value, Mode.WRITE in m, Mode.READ in m, int(m) & 4)
    t.mode |= Mode.WRITE
    print(t.mode == Mode.RW, t.mode.value, Mode(0).value, not Mode(0), (t.mode ^ Mode.READ).value)
    print([a.value for a in Auto], [s.name for s in State], len(State), [x.value for x in Level])
    names = {State.IDLE: "zzz", State.DONE: "end"}
    print(names[State.DONE], State.RUNNING in names, Auto(2) is Auto.B, State("done") is State.DONE)
    print(sorted([Level.HIGH, Level.LOW])[0].name, max(Level.LOW, Level.HIGH).name, f"{Level.HIGH.value:>4}", hash(State.IDLE) == hash(State.IDLE))
    try:
        print(Auto(9))
    except ValueError as e:
        print(e)
    try:
        print(Level(2))
    except ValueError as e:
        print(e)


main()
