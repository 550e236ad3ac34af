"""Equivalence: the same static busybox does the same in Scarlet as under qemu-riscv64, which is Linux.

checks/*.sh hold the scripts, corpus.py reads them, oracle.py asks Linux, guest.py asks Scarlet, test_equivalence.py compares.
"""
