"""The codes of keys and buttons that the kernel itself knows by name. (linux/input-event-codes.h)"""

from enum import IntEnum


class Key(IntEnum):
    """Keys by what is on them on a US keyboard."""

    ESC = 1
    DIGIT_1 = 2
    DIGIT_2 = 3
    DIGIT_3 = 4
    DIGIT_4 = 5
    DIGIT_5 = 6
    DIGIT_6 = 7
    DIGIT_7 = 8
    DIGIT_8 = 9
    DIGIT_9 = 10
    DIGIT_0 = 11
    MINUS = 12
    EQUAL = 13
    BACKSPACE = 14
    TAB = 15
    Q = 16
    W = 17
    E = 18
    R = 19
    T = 20
    Y = 21
    U = 22
    I = 23  # noqa: E741
    O = 24  # noqa: E741
    P = 25
    LEFT_BRACE = 26
    RIGHT_BRACE = 27
    ENTER = 28
    LEFT_CTRL = 29
    A = 30
    S = 31
    D = 32
    F = 33
    G = 34
    H = 35
    J = 36
    K = 37
    L = 38
    SEMICOLON = 39
    APOSTROPHE = 40
    GRAVE = 41
    LEFT_SHIFT = 42
    BACKSLASH = 43
    Z = 44
    X = 45
    C = 46
    V = 47
    B = 48
    N = 49
    M = 50
    COMMA = 51
    DOT = 52
    SLASH = 53
    RIGHT_SHIFT = 54
    PAD_ASTERISK = 55
    LEFT_ALT = 56
    SPACE = 57
    CAPS_LOCK = 58
    F1 = 59
    F10 = 68
    NUM_LOCK = 69
    SCROLL_LOCK = 70
    PAD_7 = 71
    PAD_8 = 72
    PAD_9 = 73
    PAD_MINUS = 74
    PAD_4 = 75
    PAD_5 = 76
    PAD_6 = 77
    PAD_PLUS = 78
    PAD_1 = 79
    PAD_2 = 80
    PAD_3 = 81
    PAD_0 = 82
    PAD_DOT = 83
    EXTRA = 86
    """Between the left shift and Z on keyboards with 102 keys."""
    F11 = 87
    F12 = 88
    PAD_ENTER = 96
    RIGHT_CTRL = 97
    PAD_SLASH = 98
    PRINT = 99
    RIGHT_ALT = 100
    HOME = 102
    UP = 103
    PAGE_UP = 104
    LEFT = 105
    RIGHT = 106
    END = 107
    DOWN = 108
    PAGE_DOWN = 109
    INSERT = 110
    DELETE = 111
    PAD_EQUAL = 117
    PAUSE = 119
    PAD_COMMA = 121
    LEFT_META = 125
    RIGHT_META = 126
    MENU = 127


FIRST_BUTTON = 0x100
"""Codes from here to KEY_OK (0x160) are buttons of mice, joysticks and tablets, no keys."""
