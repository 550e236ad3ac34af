"""Somebody who follows what processes do. What is told, and how, is the executor's matter (executor/trace.py): here it is only kept."""


class Observer:
    """The base of every observer. A process holds one, or none; its children get the same, and an exec keeps it."""

    def __init__(self, *, privileged: bool) -> None:
        self.privileged = privileged
        """It may see what a program does that runs with more than its caller's identity; else such an exec ends it."""
