"""tmpfs: files in memory. (tmpfs(5))

`new_tmpfs` makes one; its root inode is what keeps it alive. The pages of its files are frames that mmap(2) shares.
"""
