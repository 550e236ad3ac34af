"""The machine layer of a native program: the few modules that the runtime needs, over calls of the native ABI."""
