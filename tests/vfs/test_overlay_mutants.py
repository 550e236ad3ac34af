"""Would the model find a mistake? Each of these is planted in the overlay, and the same random operations must fail then."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from objects.inode import Inode
from scarlet.lang.errno import Errno
from tests.vfs import test_overlay as examples
from tests.vfs.support import Tree
from tests.vfs.test_overlay_model import OverlayModel
from vfs.overlay import directory, inode, layers
from vfs.overlay.directory import OverlayDirectory
from vfs.overlay.filesystem import Overlay
from vfs.overlay.inode import OverlayInode
from vfs.overlay.listing import Listing

Plant = Callable[[pytest.MonkeyPatch], None]


def missed_whiteout(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(OverlayDirectory, "covers", lambda self, name: False)


def whiteout_that_shows(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(layers, "is_whiteout", lambda real: False)


def directory_not_made_opaque(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(directory, "OPAQUE", b"user.nothing")


def redirection_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(directory, "_mark_moved", lambda moved, *, merges: None)


def lost_link_count(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(OverlayInode, "prepare_loss", lambda self: None)


def name_not_counted(patch: pytest.MonkeyPatch) -> None:
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
    patch.setattr(OverlayInode, "copy_up", lambda self, size=-1: self.real)


PLANTS: list[Plant] = [whiteout_that_shows, number_of_the_copy, content_not_copied, listed_twice]
"""Those that random operations find within seconds."""
EXAMPLES = [
    (missed_whiteout, examples.test_whiteouts_are_those_of_linux_and_do_not_show),
    (directory_not_made_opaque, examples.test_a_directory_made_anew_is_empty),
    (redirection_forgotten, examples.test_a_renamed_directory_stays_what_it_was_when_mounted_again),
    (lower_layer_written, examples.test_an_open_file_goes_over_to_the_copy),
    (work_left_behind, examples.test_without_space_nothing_is_left_half_made),
    (names_of_a_file_parted, examples.test_names_of_one_file_stay_together),
    (lost_link_count, examples.test_a_name_that_is_left_is_counted),
    (name_not_counted, examples.test_names_of_one_file_stay_together),
]
"""Those that they find within minutes, and the example that says the same."""


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_a_planted_mistake_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    quick = settings(
        max_examples=1000, stateful_step_count=60, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        print_blob=False, report_multiple_bugs=False, suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    with pytest.raises(BaseException):  # noqa: B017 (an assertion, an Errno, or several of them in a group)
        run_state_machine_as_test(OverlayModel, settings=quick)


@pytest.mark.parametrize(("plant", "example"), EXAMPLES, ids=lambda part: part.__name__)
def test_a_planted_mistake_breaks_its_example(
    plant: Plant, example: Callable[[examples.Layers], None], tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    found = False
    try:
        example(examples.Layers(tree))
    except (AssertionError, Errno):
        found = True
    assert found
