"""overlayfs: several directory trees seen as one, of which only the uppermost is ever written.

A name means what the highest layer that has it says. Directories of the same name are merged; anything else hides what is below. A lower
file is copied up when it is first changed or opened for writing. `layers` says how the upper layer records what is gone or moved;
`inode`, `merged` and `directory` are the files that programs see; `copyup` makes the copies, `listing` merges names, `options` makes an
overlay for mount(2).

Source: Linux, Documentation/filesystems/overlayfs.rst.
"""
