"""The library that programs for the xv6 ABI are written with: the 21 system calls, and what most programs need on top of them."""
