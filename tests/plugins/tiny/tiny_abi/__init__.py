"""The ABI tiny."""
