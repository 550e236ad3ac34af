"""The file system of xv6: a log, an array of inodes, a bitmap and data, as a student learns it first.

    boot | superblock | log | inodes | bitmap | data          blocks of 1 KiB

layout      the structures on disk, and where the regions lie
log         transactions: every change is written to the log first, so that a crash leaves all of it or nothing
allocator   the bitmap of blocks and the table of inodes
content     which block holds which part of a file
inode, file, directory, filesystem, mount   the same as the kernel's objects
check       is a file system sound?

Source: "xv6: a simple, Unix-like teaching operating system", chapter 8; its file-system format is fixed by that text and by its mkfs.
"""
