"""The library that native programs are written with: streams, files, processes, terminals over Scarlet's native calls.

`calls` has one function a call, generated from the ABI's declarations (docs/native-abi.md); the other modules make them pleasant. Modules
that need no kernel (paths, options, patterns, editor ...) are plain Python and run under CPython as well.
"""
