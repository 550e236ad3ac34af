"""The native ABI: capabilities over handles. Programs know interface.py and status.py; docs/native-abi.md is written from the declarations."""
