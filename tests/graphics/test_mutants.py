"""Mistakes planted in the way of a picture to the screen: the tests of this folder notice each of them."""

import gc
from collections.abc import Callable

import pytest

from drivers import edid
from drivers.virtio import gpu_screen
from drivers.virtio.gpu_protocol import Kind
from objects import framebuffermapping, framepacing, screenpainter
from objects.framebuffer import Framebuffer
from objects.picturemode import Mode
from scarlet.kernel.memory import dirtybits
from scarlet.machine.hosted.devices.gpu import Gpu
from tests.graphics import test_edid, test_gpu, test_ioctl, test_terminals
from tests.graphics.support import Bench
from tests.graphics.test_terminals import Terminals

Plant = Callable[[pytest.MonkeyPatch], None]


def without(kind: Kind) -> Plant:
    """A command is never given to the device, and thought to be done."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        send = gpu_screen.GpuDriver.send

        def quiet(self: gpu_screen.GpuDriver, wanted: Kind, body: bytes, *then: object, **more: object) -> None:
            if wanted != kind:
                send(self, wanted, body, *then, **more)  # type: ignore[arg-type]
            elif kind == Kind.RESOURCE_FLUSH:
                self.screen.flushed()

        patch.setattr(gpu_screen.GpuDriver, "send", quiet)

    return plant


def stride_not_rounded(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Mode, "stride", property(lambda self: self.width * 4))


def damage_while_flushing_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Framebuffer, "flushed", lambda self: setattr(self, "_flushing", False))


def request_while_flushing_forgotten(patch: pytest.MonkeyPatch) -> None:
    request = Framebuffer.request
    patch.setattr(Framebuffer, "request", lambda self: None if self._flushing else request(self))


def frames_not_paced(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(framepacing, "FRAME_NS", 0)


def panning_not_told(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(gpu_screen.VirtioScreen, "start_show", lambda self: None)


def dirty_bits_left(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(dirtybits, "DIRTY", 0)


def unmapping_not_seen(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(framebuffermapping, "_damage_all", lambda screen: None)
    patch.setattr(framebuffermapping.MappedPages, "touched", lambda self, index: None)


def spaces_all_alike(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(screenpainter, "_looks_the_same", lambda one, other: one & other & 0x1FFFFF == 32)


def margins_left(patch: pytest.MonkeyPatch) -> None:
    def forget(self: screenpainter.Painter) -> None:
        self._painted = [[screenpainter.UNKNOWN] * self.columns for _ in range(self.rows)]

    patch.setattr(screenpainter.Painter, "forget", forget)


def other_sizes_not_seen(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(gpu_screen.GpuDriver, "screens_changed", lambda self: None)


def damaged_edids_believed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(edid, "sum", lambda block: 0, raising=False)


def noticed(check: Callable[[], None], close: Callable[[], None]) -> None:
    """The failure of a check, raised anew when the machine is gone: a traceback would keep its memory."""
    failed = False
    try:
        check()
    except AssertionError:
        failed = True
    gc.collect()
    close()
    assert not failed


def narrow(check: Callable[[Bench], None], model: Gpu | None = None) -> None:
    bench = Bench(model)
    noticed(lambda: check(bench), bench.close)


def wide(check: Callable[[Terminals], None]) -> None:
    bench = Terminals()
    noticed(lambda: check(bench), bench.close)


MUTANTS: list[tuple[Plant, Callable[[], None]]] = [
    (without(Kind.RESOURCE_FLUSH), lambda: wide(test_terminals.test_text_is_on_the_screen)),
    (without(Kind.TRANSFER_TO_HOST_2D), lambda: wide(test_terminals.test_text_is_on_the_screen)),
    (without(Kind.RESOURCE_UNREF), lambda: narrow(test_gpu.test_the_window_is_resized)),
    (stride_not_rounded, lambda: narrow(test_gpu.test_a_width_that_is_no_multiple_of_eight)),
    (damage_while_flushing_forgotten, lambda: narrow(test_gpu.test_a_slow_device_gets_one_frame_at_a_time, test_gpu.SlowGpu())),
    (request_while_flushing_forgotten, lambda: narrow(test_gpu.test_who_draws_late_is_asked_again_after_a_slow_frame, test_gpu.SlowGpu())),
    (frames_not_paced, lambda: narrow(test_gpu.test_frames_are_paced_and_an_idle_screen_has_none)),
    (panning_not_told, lambda: narrow(test_gpu.test_a_mode_of_ones_own_and_panning)),
    (dirty_bits_left, test_ioctl.test_a_mapping_is_the_screen),
    (unmapping_not_seen, test_ioctl.test_a_mapping_is_the_screen),
    (other_sizes_not_seen, lambda: narrow(test_edid.test_the_size_of_the_screen_follows_it)),
    (damaged_edids_believed, lambda: narrow(test_edid.test_a_screen_that_tells_nonsense_is_used_all_the_same, test_edid.damaged())),
    (spaces_all_alike, lambda: wide(test_terminals.test_colours_underline_and_cursor)),
    (margins_left, lambda: wide(test_terminals.test_a_graphics_program_that_dies_leaves_a_terminal)),
]


@pytest.mark.parametrize(("plant", "check"), MUTANTS)
def test_the_mistake_is_noticed(plant: Plant, check: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        check()
