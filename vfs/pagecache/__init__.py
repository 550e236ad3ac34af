"""The page cache: the contents of files that lie on disks, in page frames.

`PageCache` (cache.py) has the pages of one file, or of one disk. A file system gives each file one, over a `Backing` (backing.py) that says
where on the disk the bytes are; in return its inodes hand read_at, write_at, append, page, resident and sync to the cache, so read(2),
write(2) and mmap(2) see the same frames.

    backing.py    what a file system has to say about a file
    page.py       a page and its states
    cache.py      PageCache: finding, reading, writing, cutting off
    index.py      where it finds its pages
    filling.py    pages on their way from the disk, and reading ahead
    flushing.py   pages on their way to the disk
    writeback.py  when that happens: the thread, the thresholds, sync(2)
    direct.py     around the cache: O_DIRECT
    reclaim.py    giving clean pages back when memory is short
    spare.py      what else can be given back then

Every part may sleep in the middle of what it does, while other threads do the same with the same file. What holds all the time is said in
cache.py.
"""
