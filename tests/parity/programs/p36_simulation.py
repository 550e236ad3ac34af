"""A longer program: a scheduler of tasks with queues, locks, events, and back references."""

import weakref
from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Callable, Iterator


class State(IntEnum):
    READY = 0
    RUNNING = 1
    BLOCKED = 2
    DEAD = 3


@dataclass
class Message:
    sender: int
    body: bytes
    hops: list[int] = field(default_factory=list)


class Channel:
    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.queue: deque[Message] = deque()

    def full(self) -> bool:
        return len(self.queue) >= self.capacity

    def __len__(self) -> int:
        return len(self.queue)


class Task:
    def __init__(self, number: int, scheduler: "Scheduler", body: Iterator[int]) -> None:
        self.number = number
        self.state = State.READY
        self.scheduler = weakref.ref(scheduler)
        self.body = body
        self.ticks = 0
        self.children: list[Task] = []

    def step(self) -> bool:
        self.state = State.RUNNING
        cost = next(self.body, -1)
        if cost < 0:
            self.state = State.DEAD
            return False
        self.ticks += cost
        self.state = State.READY
        return True

    def __del__(self) -> None:
        print(f"task {self.number} freed after {self.ticks} ticks")


class Scheduler:
    def __init__(self) -> None:
        self.ready: deque[Task] = deque()
        self.log: list[tuple[int, str]] = []
        self.next_number = 1
        self.on_exit: Callable[[int], None] | None = None

    def spawn(self, body: Iterator[int]) -> int:
        task = Task(self.next_number, self, body)
        self.next_number += 1
        self.ready.append(task)
        return task.number

    def run(self) -> int:
        steps = 0
        while self.ready:
            task = self.ready.popleft()
            steps += 1
            if task.step():
                self.ready.append(task)
            else:
                self.log.append((task.number, task.state.name))
                if self.on_exit is not None:
                    self.on_exit(task.number)
        return steps


def producer(channel: Channel, count: int, number: int) -> Iterator[int]:
    sent = 0
    while sent < count:
        if channel.full():
            yield 1
            continue
        channel.queue.append(Message(number, b"m" + str(sent).encode(), [number]))
        sent += 1
        yield 2


def consumer(channel: Channel, expected: int, into: dict[int, list[bytes]]) -> Iterator[int]:
    got = 0
    while got < expected:
        if not channel:
            yield 1
            continue
        message = channel.queue.popleft()
        message.hops.append(0)
        into.setdefault(message.sender, []).append(message.body)
        got += 1
        yield 3


def main() -> None:
    scheduler = Scheduler()
    channel = Channel(3)
    received: dict[int, list[bytes]] = {}
    exits: list[int] = []
    scheduler.on_exit = lambda number: exits.append(number)
    scheduler.spawn(producer(channel, 5, 1))
    scheduler.spawn(producer(channel, 3, 2))
    scheduler.spawn(consumer(channel, 8, received))
    print(scheduler.run(), exits, scheduler.log)
    print(received, len(channel))
    print(Message(1, b"x"))


main()
