"""The pages of one file, or of one disk.

What holds whenever a thread may have slept, and so is to be asked again after each sleep:

- `pages` has exactly the pages that are not gone. A page that is filling or writing is not taken out, except by its own failure to fill.
- A page is dirty exactly if its index is in `dirty`. `size` is the size of the file; bytes of a page beyond it are zero, but for what
  a program stores there through a mapping, which is zeroed before it could be seen.
- `mutex` is held by who changes the content by writing or cutting: write(), and file systems around resizing() and closed(). Reading,
  faulting and write-back do without.
- In a closed range nothing is brought in, and nothing is there: the file system may give its blocks away.
- Storing through a mapping is noticed: a page is mapped writable only after page(write=True) made it dirty, and write-back takes the right
  away again before it writes (objects/mapped.py).

Sources: read(2), write(2), mmap(2), ftruncate(2).
"""

import weakref
from typing import Final

from objects.errseq import ErrorSequence
from objects.inode import Inode
from objects.mapped import forget_cut_pages, forget_punched_pages
from scarlet.kernel.memory import frames
from scarlet.kernel.memory.area import Access
from scarlet.kernel.memory.buffer import Buffer
from scarlet.kernel.mutex import Mutex
from scarlet.kernel.waitqueue import WaitQueue
from scarlet.lang.errno import EFAULT, EFBIG, Errno
from scarlet.machine.sv39 import PAGE_MASK, PAGE_SHIFT, PAGE_SIZE
