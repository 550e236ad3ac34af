"""ISO 9660, read-only: what CDs, DVDs and installation images carry; with Rock Ridge and Joliet.

A disc has up to three trees of names over the same files. The plain one has short names in capitals. Rock Ridge adds to its records what
POSIX knows: names, owners, modes, links, devices. Joliet is a second tree with long names in UTF-16.

    layout      the structures on disc
    dates       dates and times
    settings    mount options
    volume      the volume descriptors, and reading what is not the content of a file
    trees       which tree is shown
    records     the records of a directory, and the extensions behind each
    entry       a file as its directory describes it
    rockridge   what Rock Ridge says of a file
    names       names of the plain tree and of Joliet's
    listing     all files of a directory
    filesystem  one mounted file system
    inode, file, directory
    mount       mount(2)
    check       is a disc sound?

Not read is High Sierra, the format before the standard. Nothing on a disc is believed before it was checked; what cannot be is EIO.

Sources: ECMA-119 (ISO 9660), IEEE P1281 (System Use Sharing Protocol), IEEE P1282 (Rock Ridge), Joliet Specification 1; mount(8),
"Mount options for iso9660".
"""
