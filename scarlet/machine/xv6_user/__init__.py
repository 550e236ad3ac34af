"""The machine layer of an xv6 program: the few modules that the runtime needs, over xv6's system calls."""
