"""A package that cannot be linked is one line that names it; each with the one thing wrong that its name says."""

from pathlib import Path

import pytest

from scarlet.cli import generate, plugins
from scarlet.cli.errors import UserError

GOOD = {
    "odd_abi/__init__.py": "",
    "odd_abi/module.py": "class OddModule:\n    pass\n",
}
CALLS = '''
from executor.declare import syscall
from objects.task import Task

@syscall(1)
def one(task: Task) -> None:
    """Does nothing."""
'''

Files = dict[str, str]


def written(site: Path, files: Files, entry: str = "odd = odd_abi.module:OddModule", distribution: str = "scarlet-odd") -> None:
    """An installed package, as far as importlib.metadata looks at it."""
    info = f"{distribution.replace('-', '_')}-1.0.dist-info"
    files = files | {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n",
        f"{info}/entry_points.txt": f"[scarlet.abi_modules]\n{entry}\n",
    }
    for name, text in files.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text)


CASES: dict[str, tuple[Files, str, str]] = {
    "no class": (GOOD, "odd = odd_abi.module", "its entry point is odd_abi.module, and should be PACKAGE.MODULE:CLASS"),
    "no package": ({}, "odd = odd_abi.module:OddModule", "there is no package odd_abi"),
    "no module": (GOOD, "odd = odd_abi.other:OddModule", "there is no module odd_abi.other"),
    "another class": (GOOD, "odd = odd_abi.module:Odd", "there is no class Odd in "),
    "another name": (
        GOOD | {"odd_abi/module.py": 'class OddModule:\n    def __init__(self) -> None:\n        super().__init__("strange")\n'},
        "odd = odd_abi.module:OddModule",
        "its class calls itself strange; the entry point must have the same name",
    ),
    "bad name": (GOOD, "Odd_1 = odd_abi.module:OddModule", "an ABI's name is small letters, digits and hyphens"),
    "a name of ours": (GOOD, "native = odd_abi.module:OddModule", "scarlet has an ABI of that name or package already"),
    "a package of the kernel's": (GOOD, "odd = objects.module:OddModule", "its package is objects, a name of the kernel's own"),
    "no Python": (GOOD | {"odd_abi/module.py": "class OddModule(:\n"}, "odd = odd_abi.module:OddModule", "invalid syntax"),
    "another ABI's code": (
        GOOD | {"odd_abi/calls.py": "from abi_modules.linux_riscv64 import files\n"},
        "odd = odd_abi.module:OddModule",
        "calls.py imports abi_modules.linux_riscv64; an ABI module builds on",
    ),
    "a call without documentation": (
        GOOD | {"odd_abi/calls.py": CALLS.replace('    """Does nothing."""', "    pass")},
        "odd = odd_abi.module:OddModule",
        "odd_abi/calls.py:6: the docstring is missing",
    ),
    "stale files": (
        GOOD | {"odd_abi/calls.py": CALLS},
        "odd = odd_abi.module:OddModule",
        "odd_abi/dispatch.py does not follow from the declarations; run: scarlet abi generate odd",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_said_in_a_line(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files, entry, reason = CASES[case]
    written(tmp_path, files, entry)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UserError) as caught:
        plugins.linked()
    message = caught.value.message
    assert message.startswith(f"the ABI {entry.split()[0]} of scarlet-odd: ") and reason in message and "\n" not in message


def test_plug_ins_do_not_build_on_one_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, GOOD)
    even = {"even_abi/__init__.py": "", "even_abi/module.py": "import odd_abi.module\nclass Even: ...\n"}
    written(tmp_path, even, "even = even_abi.module:Even", "scarlet-even")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UserError, match=r"^the ABI even of scarlet-even: module.py imports odd_abi.module; "):
        plugins.linked()


def test_generated_files_make_it_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, GOOD | {"odd_abi/calls.py": CALLS})
    monkeypatch.syspath_prepend(tmp_path)
    assert generate.generate("odd", check=True) == 1
    assert generate.generate("odd", check=False) == 0
    assert [plugin.name for plugin in plugins.linked() if not plugin.own] == ["odd"]


def test_several_are_linked_by_name_after_scarlets_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, GOOD)
    even = {"even_abi/__init__.py": "", "even_abi/module.py": "class Even: ...\n"}
    written(tmp_path, even, "even = even_abi.module:Even", "scarlet-even")
    monkeypatch.syspath_prepend(tmp_path)
    names = [plugin.name for plugin in plugins.linked()]
    assert names[0] == "linux-riscv64" and names[-2:] == ["even", "odd"]


def test_the_linking_module_registers_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, GOOD)
    monkeypatch.syspath_prepend(tmp_path)
    text = plugins.linking_source(plugins.linked())
    first, last = text.index("LinuxModule()"), text.index("register(odd_abi.module.OddModule())")
    assert first < last and "import odd_abi.module\n" in text
