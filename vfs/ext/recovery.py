"""Opening a volume: what a crash left in its journal is put in place first. (mount(2))"""

from objects.block import BlockDevice
from scarlet.kernel import log
from scarlet.lang.errno import EINVAL, EIO, Errno
from vfs.ext.commit import write_blocks
from vfs.ext.journal import Ring
from vfs.ext.layout import STATE_CLEAN, Compat, Incompat
from vfs.ext.maps import map_of
from vfs.ext.replay import Replay
from vfs.ext.volume import Volume
from vfs.ext.writing import Journal


def open_volume(device: BlockDevice) -> Volume:
    """A volume with its journal, ready to be used; orphans are left. EINVAL, EIO."""
    volume = Volume(device, {})
    if not volume.geometry.has(Compat.HAS_JOURNAL):
        if volume.geometry.needs(Incompat.RECOVER):
            raise Errno(EINVAL, "no journal to recover from")
        if int(volume.geometry.on_disk.s_state) & STATE_CLEAN == 0:
            log.warn("ext4: not unmounted in good order, and without a journal: e2fsck should look at it")
        volume.count_free()
        return volume
    ring = _ring(volume)
    replay = Replay(ring)
    replay.scan()
    if volume.geometry.needs(Incompat.RECOVER):
        volume = _recovered(volume, ring, replay)
        ring = _ring(volume)
    ring.start = 0
    ring.sequence = replay.next_sequence
    if not volume.read_only:
        if ring.old:
            raise Errno(EINVAL, "a journal of the first kind: run tune2fs")
        volume.log = Journal(ring, volume.blocks, volume.geometry, volume.superblock)
    volume.count_free()
    return volume


def _ring(volume: Volume) -> Ring:
    number = int(volume.geometry.on_disk.s_journal_inum)
    if number == 0:
        raise Errno(EINVAL, "a journal on another device")
    record = volume.table.load(number)
    return Ring(volume.device, volume.geometry.block_size, record, map_of(volume, record))


def _recovered(volume: Volume, ring: Ring, replay: Replay) -> Volume:
    """The volume with what the journal holds in its place; where nothing may be written, it is so in memory only."""
    count = replay.restore()
    log.info(f"ext4: {count} transactions with {len(replay.images)} blocks replayed")
    for number in replay.images:
        if number >= volume.geometry.blocks:
            raise Errno(EIO, "the journal names a block outside of the file system")
    if volume.read_only:
        return Volume(volume.device, replay.images)
    write_blocks(volume.device, volume.geometry.block_size, replay.images)
    volume.device.flush()
    ring.start = 0
    ring.sequence = replay.next_sequence
    ring.store_superblock()
    Volume(volume.device, {}).superblock.mark_disk(in_use=False)
    return Volume(volume.device, {})
