"""The runtime: allocator, containers, strings, exceptions and formatting, written in the dialect.

The runtime contract: what the compiler expects here, by name. A method call on a builtin type is a call of the method of the same
name in its runtime class; operators are dunder methods (`__getitem__ __setitem__ __delitem__ __contains__ __len__ __bool__ __add__ __iadd__ __mul__
__eq__ __ne__ __lt__ __le__ __gt__ __ge__ __hash__ __repr__ __str__ __iter__ __next__`). Overloads are told apart by argument count, as listed.
In runtime modules builtins.str and str.Str, list[T] and List[T] ... are the same compiled type (typing.cast between them costs nothing;
mypy also lets Str stand for str and the reverse).

types        list.List[T]  dict.Dict[K, V]  set.Set[T]  (frozenset is set.Set too)  str.Str  bytes.Bytes  bytes.ByteArray  bytes.MemoryView  deque.Deque[T]
             weakref.Ref[T] (weakref.ref): __init__(target), __call__() -> T | None
             exceptions.<the builtin name>: BaseException has `__init__(self, message: str = "")`, `__str__`, `__repr__`,
             and the field `raise_site: u64` (set by the compiler; read through raw.raise_file / raw.raise_line).
layout       Str has fields `size: u64` (bytes), `length: u64` (code points), `hash_value: u64` (0: not computed yet), then the UTF-8 payload.
             Bytes has fields `size: u64`, `hash_value: u64`, then the payload. Literals are immortal static objects of that layout.
             (the payload of both is followed by a 0 byte in literals; nothing may rely on it)
heap         heap.allocate(size: u64) -> u64 (0: out of memory, the compiler raises heap.out_of_memory() -> BaseException, which must not allocate),
             heap.free(address: u64, size: u64) -> None. Neither raises. Mark both @inline with the slow path @noinline.
             `size` is a constant at almost every call: size-class arithmetic folds away.
list         List(): empty; reserve(n: int), append(x), item_at(i: int) -> T (unchecked, for loops), __getitem__(i: int),
             getslice(start: int, stop: int) (missing ends are 0 and 2^63-1), getslice_step(start: int | None, stop: int | None, step: int),
             setslice(start: int, stop: int, items: list[T]), delslice(start: int, stop: int),
             sort(reverse: bool), sort_key(key: Callable[[T], K], reverse: bool), extend(items: list[T]) (other iterables are appended one by one)
             pop() -> pop_last(), pop(i) -> pop(i); index(x) ; __iter__ -> ListIterator[T]
str          getslice, getslice_step as list; __getitem__(i) -> str; __iter__; str.join(list[str]); concat(parts: list[str]) -> str as a module function;
             encode(), split() -> split_whitespace(maxsplit), split(sep, maxsplit=-1), rsplit likewise, strip() -> strip_whitespace(), strip(chars), lstrip, rstrip likewise,
             startswith(prefix: str) / a tuple of prefixes is expanded by the compiler; find(x, start=0, stop=MAX) ...
             from_utf8(data: bytes) -> str raising UnicodeDecodeError as module function `decode` (bytes.decode calls it)
bytes        getslice, getslice_step, item_at(i) -> int, __getitem__(i) -> int, fromhex (static), join(list[bytes]); the same split/strip/find family as str.
             module functions: zeros(n: int) -> bytes (bytes(n)), from_list(items: list[int]) -> bytes, copy_of_bytes(b: bytes), copy_of_bytearray(b: bytearray), copy_of_view(v: memoryview) -> bytes;
             ByteArray(): empty; bytearray_zeros(n), bytearray_from_bytes(b), bytearray_from_bytearray, bytearray_from_view, bytearray_from_list;
             view_of_bytes(b), view_of_bytearray(b), view_of_view(v) -> memoryview. setslice(start, stop, data: bytes) on ByteArray and MemoryView
             (other right-hand sides are converted to bytes first, unless setslice_bytearray / setslice_view exist).
             Comparison and + across bytes/bytearray/memoryview: __eq__ etc. take bytes; `equals_bytearray`, `equals_view` when the right side is one.
dict         Dict(): empty; __setitem__, __getitem__ (KeyError), get(key) -> V | None, get_default(key, default: V) -> V, pop(key) -> V,
             pop_or_none(key) -> V | None (pop(key, None)), pop_default(key, default: V), setdefault(key, value), update(other: dict), popitem(), keys() values() items() ->
             DictKeys[K, V], DictValues[K, V], DictItems[K, V] (each with `owner: Dict[K, V]`, __len__, __iter__, __contains__);
             cursor iteration, used by `for`: next_index(i: int, guard: int) -> int (the first used entry at or after i, -1 at the end; RuntimeError when
             len() != guard), key_at(i: int) -> K, value_at(i: int) -> V (both unchecked). set.Set has next_index and key_at too, and add, discard, remove ...
format       format.int_to_str(value: int) -> str, u64_to_str(value: u64) -> str, format_int(value: int, spec: str) -> str, format_u64(value: u64, spec: str) -> str,
             format_str(value: str, spec: str) -> str, parse_int(text: str, base: int) -> int, parse_int_bytes(text: bytes, base: int) -> int,
             chr(code: int) -> str, ord(text: str) -> int, hex/oct/bin -> hex_text(value: int), oct_text, bin_text; u64_hex_text ...
integers     integers.power(base: int, exponent: int) -> int, power_mod(base, exponent, modulus), to_bytes(value: int, length: int, byteorder: str, signed: bool) -> bytes,
             u64_to_bytes(value: u64, length: int, byteorder: str) -> bytes, from_bytes(data: bytes, byteorder: str, signed: bool) -> int,
             bit_length(value: int) -> int, u64_bit_length, bit_count likewise.
hashing      hashing.combine(seed: u64, item: u64) -> u64 (tuples, frozen dataclasses), hash of an int is itself, of an object its address >> 4.
io           io.write_text(text: str) -> None (what print writes, standard output or the console).
start        start.uncaught(error: BaseException) -> None: linux-user: `TypeName: message` (or `TypeName` alone) to standard error, exit status 1. SystemExit is not special.
weakref      weakref.clear(address: u64) -> None.

Notes of the runtime's side (what the code here adds to the list above):
- `size`, `length` ... are declared `int` (an i64 in the same place). A class needs no null test of its storage: empty containers hold no storage.
- buffers    Bytes, ByteArray and MemoryView derive from bytes.Buffer, and every parameter that CPython calls "a bytes-like object" is a Buffer: pass
             the argument as it is (`setslice`, `extend`, `find`, `startswith`, `split`, `__contains__`, `__add__`, `__iadd__`, `__lt__` ..., integers.from_bytes).
             `equals_buffer(other: Buffer)` is == across classes; `__eq__(other: object)` takes the same class. bytes.copy_of_buffer(b) is bytes(b),
             bytes.from_buffer(b) is bytearray(b), whatever b is.
- an int     where bytes are usual: contains_byte, find_byte, rfind_byte, index_byte, count_byte. bytearray.extend(list[int]) is extend_list.
- strip      strip_whitespace, lstrip_whitespace, rstrip_whitespace, split_whitespace, rsplit_whitespace for a missing or None argument, in str, bytes, bytearray.
- pop        list, bytearray, deque: pop_last() and (not deque) pop(i).
- sort       raw.less(a, b) is `a < b` on a type variable. sorted(x) is: a list of x, then sort / sort_key.
- slices     getslice_step, setslice_step, delslice_step take (start | None, stop | None, step); setslice and delslice (start, stop).
- exceptions one str argument: the constructor; none: the constructor without argument (`str(e)` is "" in both cases; an explicit "" is set_text("")).
             One integer: set_number(n) after the constructor. Anything else: set_shown(str(x), repr(x)); several arguments: the str of the tuple, and its repr
             without the parentheses. KeyError(str) needs nothing: its __str__ is the repr. UnicodeDecodeError(text) is raised with its text.
- hashing    hash_int(n), hash_u64(n); a tuple: seed = tuple_start(), combine(seed, u64(hash(item))) ..., tuple_finish(seed, length) -> int (CPython's value).
- strings    Str.item_at(i); for loops by byte offset: character_at(offset), next_offset(offset), until Str.size. format.ascii_text(repr(x)) is ascii(x).
- io         weakref.clear may look at a dict: call it before the object's memory is freed.
- memory     memcpy, memmove, memset, memcmp are naked functions of runtime.memory, which every program must link.
- order      what leaves together goes as in CPython: list elements last first, dict entries first first (key, then value), deque first first, attributes in declared
             order, tuple items last first, locals in the order of their first assignment, parameters first.
- pages      scarlet.machine.pages.allocate_pages(count) gives an address at which the program can use the pages (0: none), aligned to its size; count is a power of two.
"""
