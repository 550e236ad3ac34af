"""Kernels of a page or two that are run in both worlds (test_worlds.py): what they say must be the same."""
