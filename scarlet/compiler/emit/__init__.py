"""From IR to C text: one C file a Python module.

`names` names C types, `operands` writes registers and constants, `primitives` and `primitive_writer` primitive operations, `function`
bodies. `records` is what the files agree on (slots of dispatched methods, copied functions). `unit` collects what one file needs, over its
`shapes` (C types) and `statics` (data); `classes` writes what a class is. `program` shares the files out among `processes`, asks
`fingerprint` which of them are among the `texts` of earlier builds, and writes the start-up code.
"""
