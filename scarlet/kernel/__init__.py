"""The kernel core: memory, threads, time, signals, traps. It stands on scarlet.machine alone and knows no file, process or ABI."""
