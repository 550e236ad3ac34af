"""fresh_kernel: kernel modules are imported anew, and those of before come back."""

import sys

from scarlet.kernel import irq
from scarlet.machine.hosted.run import fresh_kernel


def test_modules_are_new_inside_and_old_again_outside() -> None:
    before = irq
    with fresh_kernel():
        from scarlet.kernel import irq as inside

        assert inside is not before
        inside._lines[99] = inside.Line(99)
    from scarlet.kernel import irq as after

    assert after is before
    assert sys.modules["scarlet.kernel.irq"] is before
    assert 99 not in before._lines


def test_machine_layer_is_shared() -> None:
    from scarlet.machine.context import Context

    with fresh_kernel():
        from scarlet.kernel.thread import Thread

        assert issubclass(Thread, Context)
