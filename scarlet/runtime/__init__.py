"""The runtime: allocator, containers, strings, exceptions and formatting, written in the dialect.

What the compiler expects here, by name. A method call on a builtin type is a call of the method of that name in its
runtime class, operators are dunder methods. In runtime modules builtins.str and str.Str, list[T] and List[T] ... are one
compiled type; raw.unchecked_cast between them costs nothing.

types       list.List[T]  dict.Dict[K, V]  set.Set[T] (frozenset too)  str.Str  bytes.Bytes  bytearray.ByteArray
            memoryview.MemoryView  deque.Deque[T]  weakref.Ref[T] (weakref.ref)  exceptions.<the builtin name>
layout      Str (fields in text.Text): `size` (bytes), `length` (code points), `hash_value` (0: not computed yet), then the UTF-8.
            Bytes: `size`, `hash_value`, then the bytes. Literals are immortal static objects of that layout.
heap        allocate(size) -> address (0: out of memory; the compiler raises out_of_memory(), which allocates nothing),
            free(address, size). Neither raises. A constant size folds the size-class arithmetic away.
            machine.pages.allocate_pages(count) gives an address at which the pages can be used (0: none), aligned to its
            size; count is a power of two.
memory      memcpy, memmove, memset, memcmp: naked functions that every program links.
buffers     Bytes, ByteArray and MemoryView derive from buffer.Buffer, and every parameter that CPython calls "a bytes-like
            object" is a Buffer: the argument is passed as it is. equals_buffer is == across the classes.
            bytes.copy_of_buffer(b) is bytes(b), bytearray.from_buffer(b) is bytearray(b); both modules have zeros(n) and
            from_list(ints). memoryview.view_of_bytes, view_of_bytearray, view_of_view.
            An int where bytes are usual: contains_byte, find_byte, rfind_byte, index_byte, count_byte.
lists       reserve(n), append(x), item_at(i) (unchecked, for loops), pop_last() and pop(i), extend(other list),
            sort(reverse), sort_key(key, reverse). raw.less(a, b) is `a < b` on a type variable.
slices      getslice, setslice, delslice (start, stop): missing ends are 0 and 2^63-1; with a step getslice_step,
            setslice_step, delslice_step (start | None, stop | None, step). In list, bytearray; the first two in the others.
text        split(sep, maxsplit), rsplit; split_whitespace(maxsplit), rsplit_whitespace, strip_whitespace,
            lstrip_whitespace, rstrip_whitespace for a missing or None argument. For loops go by byte offset: character_at,
            next_offset until size. str.concat(parts) for f-strings. codecs has what encode() and decode() do.
dict        get, get_default(key, default), pop(key), pop_or_none(key), pop_default(key, default), setdefault, update;
            cursors for `for`: next_index(i, guard) (RuntimeError when len() is not guard; -1 at the end), key_at(i),
            value_at(i). Views DictKeys, DictValues, DictItems have `owner`. set.Set has next_index and key_at too.
format      int_to_str, u64_to_str, format_int, format_u64, format_str (value, spec), chr, ord, hex_text, oct_text,
            bin_text, u64_hex_text ..., ascii_text(repr(x)).
parsing     parse_int(text, base), parse_int_bytes: int() of str and of bytes.
integers    power, u64_power, power_mod, to_bytes, u64_to_bytes, from_bytes, u64_from_bytes, bit_length, bit_count, u64_...
hashing     hash_int, hash_u64; a tuple: tuple_start(), combine(seed, item's hash) ..., tuple_finish(seed, length).
exceptions  One str argument: the constructor; none: the constructor; an integer: set_number(n) after the constructor; anything
            else: set_shown(str(x), repr(x)); several: the str of the tuple, and its repr without the parentheses.
            `raise_site` is the compiler's (raw.raise_file, raw.raise_line).
structs     fields_at(data, offset, size, message), write_bytes, read_bytes: for the generated pack() and parse().
weakref     clear(address): called when a marked object dies, before its memory is freed.
io, start   write_text(text): print. uncaught(error): an exception that left the program.

What leaves together goes as in CPython: list elements last first, dict entries first first (key, then value), deque
first first, attributes in declared order, tuple items last first, locals in the order of their first assignment.
"""
