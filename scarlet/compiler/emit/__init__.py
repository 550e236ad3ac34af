"""From IR to C text: one C file a Python module.

`types` names C types, `primitives` holds the text of primitive operations, `function` writes bodies, `records` the class records with
their dispatch tables, `unit` collects what one file needs, `program` writes the start-up code.
"""
