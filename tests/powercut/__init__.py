"""Power cuts: machines that are killed while they write to their disk, and what must be on it afterwards.

changes     what tests/programs/powerload.c does, known from its seed; whether a folder is as it must be
images      making, checking and reading disks with the tools of e2fsprogs
machine     a run of powerload that ends when the power is cut
campaign    rounds of it (`python -m tests.powercut --rounds 200`)
"""
