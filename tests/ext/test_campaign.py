"""A sample of the long workload (campaign.py)."""

import pytest

from tests.ext.campaign import Campaign
from tests.vfs.workload import run


@pytest.mark.parametrize("kind", ["ext4-4k", "ext3-1k"])
def test_a_workload_ends_as_on_the_host(kind: str) -> None:
    run(Campaign, kind, 11, 250, 125)
