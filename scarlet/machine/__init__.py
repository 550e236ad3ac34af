"""The two worlds behind one interface (docs/architecture.md, scarlet/machine).

`scarlet.machine.X` is X.py in this folder when both worlds share it. Otherwise CPython finds it in hosted/twins/ (below), and the
compiler takes riscv64/X.py for the bare machine, or linux_user, native_user, xv6_user for a program (scarlet/compiler/targets.py).
"""

from scarlet.lang import COMPILED

if not COMPILED:
    from pathlib import Path

    __path__ = [str(Path(__file__).parent), str(Path(__file__).parent / "hosted" / "twins")]
