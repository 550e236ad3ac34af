"""A few power cuts; `python -m tests.powercut` makes hundreds."""

from pathlib import Path

import pytest

from tests.powercut import campaign

pytestmark = pytest.mark.qemu


def test_nothing_that_was_made_safe_is_lost(tmp_path: Path) -> None:
    told: list[str] = []
    campaign.run(4, 1, tmp_path, told.append)
    assert len(told) == 4
