"""Random sequences of system calls, made on Linux and on Scarlet, and compared. `python -m tests.abi.campaign --seed N --count M`"""
