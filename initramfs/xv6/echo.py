"""echo [WORD...]: the words on one line."""

from scarlet.xv6 import calls
from scarlet.xv6.text import arguments, say

say(b" ".join(arguments()[1:]) + b"\n")
calls.exit(0)
