"""The command: archives, images, errors, and the way to and from a running machine."""
