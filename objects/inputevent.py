"""What drivers tell of an input device: what happened, who it is, how far its axes go. (linux/input.h)"""


class InputEvent:
    """One thing that happened."""

    def __init__(self, type: int, code: int, value: int) -> None:
        self.type = type
        self.code = code
        self.value = value


class InputIdentity:
    """What a device calls itself. (struct input_id)"""

    def __init__(self, bus: int = 0, vendor: int = 0, product: int = 0, version: int = 0) -> None:
        self.bus = bus
        self.vendor = vendor
        self.product = product
        self.version = version


class Axis:
    """The range of an absolute axis, and where it is. (struct input_absinfo)"""

    def __init__(self, minimum: int, maximum: int, fuzz: int = 0, flat: int = 0, resolution: int = 0) -> None:
        self.value = 0
        self.minimum = minimum
        self.maximum = maximum
        self.fuzz = fuzz
        self.flat = flat
        self.resolution = resolution
