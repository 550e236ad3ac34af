"""What the program `inspect` makes of the kernel's report."""

import pytest

from scarlet.user.inspection import Inspection

SCRIPT = b"""file /home/s
fact kind script
fact interpreter /bin/sh
file /bin/sh
fact kind ELF
fact class 64 bits, little-endian
abi linux-riscv64 none
against OSABI 83 is another system's
abi native certain
for OSABI is 83, Scarlet
for another mark
against a doubt
winner native
"""


def test_table_shows_facts_marks_and_the_winner() -> None:
    inspection = Inspection(SCRIPT)
    assert inspection.recognised
    assert inspection.text().splitlines() == [
        "/home/s",
        "  kind        script",
        "  interpreter /bin/sh",
        "/bin/sh",
        "  kind  ELF",
        "  class 64 bits, little-endian",
        "  linux-riscv64 none    - OSABI 83 is another system's",
        "> native        certain + OSABI is 83, Scarlet",
        "                        + another mark",
        "                        - a doubt",
        "native takes it",
    ]


@pytest.mark.parametrize("report", [b"file /x\nfact kind an empty file\nproblem nothing in it\n", b"file /x\nproblem nothing in it\n"])
def test_problem_is_the_last_word(report: bytes) -> None:
    inspection = Inspection(report)
    assert not inspection.recognised and inspection.text().splitlines()[-1] == "nobody takes it: nothing in it"
