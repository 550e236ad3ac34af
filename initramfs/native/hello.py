"""hello: the smallest program."""

if __name__ == "__main__":
    print("Hello from a native program")
