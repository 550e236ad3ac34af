"""echo: write the arguments."""

from scarlet.user.program import program

if __name__ == "__main__":
    words = program.arguments[1:]
    newline = b"\n"
    if len(words) > 0 and words[0] == b"-n":
        newline = b""
        words = words[1:]
    program.output.write(b" ".join(words) + newline)
    program.exit(0)
