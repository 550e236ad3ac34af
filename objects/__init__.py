"""Kernel objects, the handle tables that reach them, and the processes that own the tables."""
