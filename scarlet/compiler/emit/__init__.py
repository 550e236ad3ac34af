"""From IR to C text: one C file a Python module.

`names` names C types, `operands` writes registers and constants, `primitives` and `primitive_writer` primitive operations, `function`
bodies. `records` is what the files agree on (slots of dispatched methods, copied functions), `unit` collects what one file needs, and
`program` shares the files out among `processes` and writes the start-up code.
"""
