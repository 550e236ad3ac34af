"""The hosted world: CPython runs the kernel, Unicorn runs user code, greenlets are threads, devices are Python twins.

This is ordinary Python. The modules that every world has (cpu, context, physmem ...) are in twins/ and are imported as
`scarlet.machine.X`; what only this world has (run, world, engine, devices ...) as `scarlet.machine.hosted.X`.
"""
