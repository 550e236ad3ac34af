"""The parts of the native shell (initramfs/native/sh.py): from text to processes.

`lexer` cuts a text into words and operators, `parser` makes a tree (`tree`) of them, `expand` turns words into arguments, `machine` carries
the tree out, `jobs` knows the processes, `builtins` are the commands that only the shell itself can do. Everything up to `expand` is plain
Python and needs no kernel. The language is a part of the POSIX shell's (Shell Command Language); what is not in it is refused as such.
"""
