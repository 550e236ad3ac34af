"""User memory: every way in and out, over page borders, and with addresses a hostile program would pass."""

from typing import Annotated

import pytest

from scarlet.kernel.memory import frames, user
from scarlet.kernel.memory.buffer import Buffer, KernelBytes, PhysicalBytes
from scarlet.kernel.memory.space import AddressSpace
from scarlet.kernel.memory.user import UserBytes, UserStruct
from scarlet.kernel.memory.uservector import UserVector
from scarlet.lang import Errno, i64, struct, u64
from scarlet.lang.errno import EFAULT, EINVAL, ENAMETOOLONG
from scarlet.machine import physmem
from scarlet.machine.sv39 import USER_TOP
from tests.kernel.spaces import NONE, PAGE, RW, R
from tests.kernel.test_space import HOSTILE, refused

BASE = 0x10_0000_0000
TEXT = bytes(range(256)) * 40


@pytest.fixture
def space() -> AddressSpace:
    """Four pages to read and write, one to read, then nothing."""
    space = AddressSpace()
    space.map_area(BASE, 4 * PAGE, RW, fixed=True)
    space.map_area(BASE + 4 * PAGE, PAGE, R, fixed=True)
    return space


def buffers(space: AddressSpace, length: int) -> list[Buffer]:
    """A buffer of each kind over zeros."""
    table = BASE + 3 * PAGE
    cut = length // 3
    parts = [(BASE + 100, cut), (BASE + 1, 0), (BASE + 2 * PAGE - cut, cut), (BASE + 2 * PAGE + 11, length - 2 * cut)]
    for index, (address, count) in enumerate(parts):
        user.store_u64(space, table + index * 16, u64(address))
        user.store_u64(space, table + index * 16 + 8, u64(count))
    return [
        KernelBytes(bytearray(length)),
        PhysicalBytes(frames.allocate(2), length),
        UserBytes(space, BASE + PAGE - 50, length),
        UserVector(space, table, 4),
    ]


@pytest.mark.parametrize("kind", range(4))
def test_buffers_move_bytes_both_ways(space: AddressSpace, kind: int) -> None:
    buffer = buffers(space, 3000)[kind]
    frame = frames.allocate()
    buffer.write(0, TEXT[:3000])
    assert buffer.read(0, 3000) == TEXT[:3000]
    assert buffer.read(999, 1002) == TEXT[999:2001]
    buffer.write(1500, b"middle")
    assert buffer.read(1498, 10) == TEXT[1498:1500] + b"middle" + TEXT[1506:1508]
    physmem.write(frame, TEXT[7:2007])
    buffer.from_physical(500, frame, 2000)
    assert buffer.read(499, 2002) == TEXT[499:500] + TEXT[7:2007] + TEXT[2500:2501]
    buffer.to_physical(600, frame, 1500)
    assert physmem.read(frame, 1500) == TEXT[107:1607]
    buffer.zero(2990, 10)
    assert buffer.read(2989, 11) == TEXT[2989:2990] + bytes(10)
    assert buffer.read(3000, 0) == b""


@pytest.mark.parametrize("kind", range(4))
@pytest.mark.parametrize(("offset", "count"), [(-1, 1), (0, 3001), (3000, 1), (1, -1), (1 << 62, 1 << 62)])
def test_ranges_outside_a_buffer_are_a_bug_that_shows(space: AddressSpace, kind: int, offset: int, count: int) -> None:
    buffer = buffers(space, 3000)[kind]
    with pytest.raises(IndexError):
        buffer.read(offset, count)
    with pytest.raises(IndexError):
        buffer.zero(offset, count)


@pytest.mark.parametrize("address", HOSTILE)
def test_hostile_addresses_are_faults(space: AddressSpace, address: int) -> None:
    pointer = u64(address)
    for action in (
        lambda: UserBytes(space, pointer, u64(2)).read(0, 2),
        lambda: user.load_u8(space, u64(pointer + 1 & (1 << 64) - 1 | 1 << 38)),
        lambda: user.load_u32(space, pointer),
        lambda: user.load_u64(space, pointer),
        lambda: user.store_u32(space, pointer, 1),
        lambda: user.store_u64(space, pointer, u64(1)),
        lambda: user.load_bytes(space, pointer, 16),
        lambda: user.store_bytes(space, pointer, b"12"),
        lambda: user.read_cstring(space, pointer, 100),
        lambda: UserVector(space, pointer, 1),
    ):
        with refused(EFAULT):
            action()


@pytest.mark.parametrize("length", [USER_TOP - BASE + 1, USER_TOP + 1, 1 << 63, (1 << 64) - 1, (1 << 64) - BASE])
def test_lengths_that_leave_user_memory_or_wrap_are_faults(space: AddressSpace, length: int) -> None:
    with refused(EFAULT):
        UserBytes(space, u64(BASE), u64(length))


def test_transfers_are_cut_to_the_largest_one(space: AddressSpace) -> None:
    assert UserBytes(space, u64(BASE), u64(1 << 36)).length == user.MAX_TRANSFER


def test_missing_page_is_a_fault_after_the_bytes_before_it(space: AddressSpace) -> None:
    buffer = UserBytes(space, BASE + 3 * PAGE, 2 * PAGE)
    with refused(EFAULT):
        buffer.write(0, b"x" * 2 * PAGE)
    assert buffer.read(0, PAGE) == b"x" * PAGE
    with refused(EFAULT):
        UserBytes(space, BASE + 4 * PAGE, 2 * PAGE).read(0, 2 * PAGE)


def test_read_only_memory_is_not_written(space: AddressSpace) -> None:
    with refused(EFAULT):
        user.store_u32(space, BASE + 4 * PAGE, 1)
    assert user.load_u32(space, BASE + 4 * PAGE) == 0


def test_inaccessible_memory_is_not_read(space: AddressSpace) -> None:
    user.store_u32(space, BASE, 5)
    space.protect(BASE, PAGE, NONE)
    with refused(EFAULT):
        user.load_u32(space, BASE)


def test_kernel_write_to_a_shared_page_copies_it(space: AddressSpace) -> None:
    user.store_u32(space, BASE, 5)
    child = space.fork()
    user.store_u32(child, BASE, 6)
    assert (user.load_u32(space, BASE), user.load_u32(child, BASE)) == (5, 6)


def test_words_across_a_page_border(space: AddressSpace) -> None:
    user.store_u64(space, BASE + PAGE - 3, u64(0xFEDC_BA98_7654_3210))
    assert user.load_u64(space, BASE + PAGE - 3) == 0xFEDC_BA98_7654_3210
    user.store_u32(space, BASE + PAGE - 2, 0x89AB_CDEF)
    assert user.load_u32(space, BASE + PAGE - 2) == 0x89AB_CDEF
    user.store_i32(space, BASE, -2)
    assert user.load_u32(space, BASE) == 0xFFFF_FFFE


def test_cstrings(space: AddressSpace) -> None:
    user.store_bytes(space, BASE + PAGE - 3, b"hello\0rest")
    assert user.read_cstring(space, BASE + PAGE - 3, 100) == b"hello"
    assert user.read_cstring(space, BASE + PAGE - 3, 6) == b"hello"
    with refused(ENAMETOOLONG):
        user.read_cstring(space, BASE + PAGE - 3, 5)
    user.store_bytes(space, BASE + 2 * PAGE, b"x" * 2 * PAGE)
    with refused(EFAULT):
        space.unmap(BASE + 4 * PAGE, PAGE)
        user.read_cstring(space, BASE + 2 * PAGE, 3 * PAGE)
    assert user.read_cstring(space, BASE, 10) == b""


def test_vectors_are_checked(space: AddressSpace) -> None:
    for count in (-1, 1025):
        with refused(EINVAL):
            UserVector(space, BASE, count)
    user.store_u64(space, BASE, u64(BASE))
    user.store_u64(space, BASE + 8, u64(1 << 63))
    with refused(EINVAL):
        UserVector(space, BASE, 1)
    assert UserVector(space, BASE, 0).length == 0


def test_vector_lengths_add_up_to_the_largest_transfer_at_most(space: AddressSpace) -> None:
    for index in range(3):
        user.store_u64(space, BASE + 16 * index, u64(BASE))
        user.store_u64(space, BASE + 16 * index + 8, u64(0x7000_0000))
    assert UserVector(space, BASE, 3).length == user.MAX_TRANSFER


@struct
class Sample:
    first: i64
    rest: Annotated[bytes, 4]


def test_structs_go_in_and_out(space: AddressSpace) -> None:
    place: UserStruct[Sample] = UserStruct(space, BASE + PAGE - 5, Sample.parse, Sample.SIZE)
    place.store(Sample(first=-7, rest=b"abcd"))
    assert place.load() == Sample(first=-7, rest=b"abcd")


def test_futex_word_is_compared_and_exchanged(space: AddressSpace) -> None:
    assert user.compare_exchange_u32(space, BASE, 0, 7) == 0
    assert user.compare_exchange_u32(space, BASE, 0, 8) == 7
    assert user.load_u32(space, BASE) == 7
    with refused(EINVAL):
        user.compare_exchange_u32(space, BASE + 2, 0, 1)


def test_errno_is_what_is_raised(space: AddressSpace) -> None:
    with pytest.raises(Errno):
        user.load_u8(space, BASE + 5 * PAGE)
