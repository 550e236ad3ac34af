"""FAT12, FAT16 and FAT32, with long names (VFAT): what cameras, boot partitions and memory sticks carry.

    layout      the structures on disk, and the regions of a checked file system
    metadata    sectors of tables and directories in memory, and the order in which they reach the disk
    table       the file allocation table: chains of clusters, what is free
    names       short and long names
    timestamps  DOS times
    slots       the entries of a directory, read from and written to its slots
    filesystem  one mounted file system
    inode, file, namespace, renaming, directory
    mount       mount(2)

Sources: Microsoft Extensible Firmware Initiative FAT32 File System Specification 1.03; mount(8), "Mount options for vfat".
"""
