"""A sample of the long workload (campaign.py)."""

import pytest

from tests.fat.campaign import Campaign
from tests.vfs.workload import run


@pytest.mark.parametrize("kind", ["fat16", "fat32"])
def test_a_workload_ends_as_on_the_host(kind: str) -> None:
    run(Campaign, kind, 5, 250, 125)
