"""A sample of the campaign of random scripts (tests/abi/campaign), and that it finds a mistake when there is one."""

import platform

import pytest

from abi_modules.linux_riscv64 import files
from scarlet.lang import Errno
from scarlet.lang.errno import EINVAL
from tests.abi.campaign.compare import campaign
from tests.abi.campaign.known import LINUX
from tests.abi.campaign.worlds import can_compare

SCRIPTS = 60
CALLS = 10


@pytest.fixture(autouse=True, scope="module")
def _linux() -> None:
    if not can_compare():
        pytest.skip("needs a Linux, root and mount namespaces")


@pytest.mark.skipif(not platform.release().startswith(f"{LINUX}."), reason=f"known.py is about Linux {LINUX}")
def test_random_scripts_are_answered_as_linux_answers_them() -> None:
    found = [difference.text() for difference in campaign(seed=0, count=SCRIPTS, length=CALLS, only=[])]
    assert found == []


def test_a_mistake_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(fd: int, rights: int) -> None:
        raise Errno(EINVAL)

    monkeypatch.setattr(files, "content", refuse)
    found = list(campaign(seed=0, count=10, length=6, only=["lseek", "fsync", "read"]))
    assert found != []
    assert all(difference.script[-1][0] in ("lseek", "fsync") for difference in found)
