"""ext2, ext3 and ext4, read and written.

From below:

    layout, fields           the structures on disk
    checksums, hashes        CRC-32C, CRC-16; how names are hashed
    geometry, superblock     where everything is, checked; what changes in the superblock
    blocks                   metadata in memory, with undo and checksums
    groups, bitmaps          descriptors of groups, what is in use
    transaction, commit      operations and transactions, and how they reach the disk
    record, inodetable       inodes in memory, and their table
    allocator                which blocks a file gets
    volume                   all of the above
    blockmap: extentnode, extenttree, extents, indirect     which blocks a file has, in the two forms
    claims, content          what the page cache asks
    entries, names, hashtree, nametable, listing     directories
    attributes, orphans      extended attributes; files without names
    filesystem, inode, file, symlink         the same as the kernel's objects
    namespace, renaming, directory, mount
"""
