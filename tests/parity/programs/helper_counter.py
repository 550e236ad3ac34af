"""Imported by p33_modules: a module with state."""

print("helper_counter initialised")
STEP = 3
value = 0
history: list[int] = []


def bump() -> None:
    global value
    value += STEP
    history.append(value)
