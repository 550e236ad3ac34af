"""The native ABI: capabilities over handles (docs/native-abi.md). Programs know interface.py and status.py."""
