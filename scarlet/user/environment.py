"""The environment: names and values that a program hands to those it starts."""


class Environment:
    """NAME=value, in the order in which they came."""

    def __init__(self, settings: list[bytes]) -> None:
        self._values: dict[bytes, bytes] = {}
        for setting in settings:
            name, _equals, value = setting.partition(b"=")
            self._values[name] = value

    def get(self, name: bytes) -> bytes | None:
        return self._values.get(name)

    def value(self, name: bytes, default: bytes) -> bytes:
        """A value, or the default when the name is not set."""
        return self._values[name] if name in self._values else default

    def set(self, name: bytes, value: bytes) -> None:
        self._values[name] = value

    def remove(self, name: bytes) -> None:
        """Forget a name, if it is there."""
        if name in self._values:
            del self._values[name]

    def clear(self) -> None:
        self._values.clear()

    def names(self) -> list[bytes]:
        return list(self._values)

    def settings(self) -> list[bytes]:
        """As another program is given them."""
        return [name + b"=" + value for name, value in self._values.items()]
