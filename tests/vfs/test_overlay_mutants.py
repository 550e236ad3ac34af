"""Would the model find a mistake? Each of these is planted in the overlay, and the same random operations must fail then."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from objects.inode import Inode
from objects.object import KernelObject
from tests.vfs.test_overlay_model import OverlayModel
from vfs.overlay import directory, inode, layers
from vfs.overlay.directory import OverlayDirectory
from vfs.overlay.filesystem import Overlay
from vfs.overlay.inode import OverlayInode
from vfs.overlay.listing import Listing

Plant = Callable[[pytest.MonkeyPatch], None]


def missed_whiteout(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(OverlayDirectory, "_covers", lambda self, name: False)


def whiteout_that_shows(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(layers, "is_whiteout", lambda real: False)


def directory_not_made_opaque(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(directory, "OPAQUE", b"user.nothing")


def redirection_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(directory, "_mark_moved", lambda moved, *, merges: None)


def lost_link_count(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(OverlayInode, "gained_name", lambda self: None)


def names_of_a_file_parted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Overlay, "showing", lambda self, real: None)


def number_of_the_copy(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Overlay, "number_of_origin", lambda self, origin: -1)


def content_not_copied(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(inode, "make_copy", lambda overlay, real, size, copy=inode.make_copy: copy(overlay, real, 0))


def work_left_behind(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Overlay, "discard", lambda self, name: None)


def listed_twice(patch: pytest.MonkeyPatch) -> None:
    def refresh(self: Listing, upper: Inode | None, lowers: list[layers.Part], plain: Callable[..., None] = Listing.refresh) -> None:
        self.names.clear()
        plain(self, upper, lowers)

    patch.setattr(Listing, "refresh", refresh)


def lower_layer_written(patch: pytest.MonkeyPatch) -> None:
    def write_at(self: OverlayInode, buffer: object, offset: int) -> int:
        return self.real.write_at(buffer, offset)  # type: ignore[arg-type]

    patch.setattr(OverlayInode, "write_at", write_at)
    patch.setattr(OverlayInode, "open", lambda self, *arguments: KernelObject())


PLANTS: list[Plant] = [
    missed_whiteout, whiteout_that_shows, directory_not_made_opaque, redirection_forgotten, lost_link_count, names_of_a_file_parted,
    number_of_the_copy, content_not_copied, work_left_behind, listed_twice, lower_layer_written,
]  # fmt: skip


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_a_planted_mistake_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    quick = settings(
        max_examples=400, stateful_step_count=60, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        print_blob=False, suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    with pytest.raises(BaseException):  # noqa: B017 (an assertion, an Errno, or several of them in a group)
        run_state_machine_as_test(OverlayModel, settings=quick)
