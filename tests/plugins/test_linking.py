"""What a build does with the packages that it links."""

import ast
from pathlib import Path

import pytest

from scarlet.cli import kernel, linking, plugincheck, plugins
from scarlet.cli.errors import UserError
from scarlet.cli.plugins import AbiPlugin


@pytest.fixture
def odd(tmp_path: Path) -> AbiPlugin:
    package = tmp_path / "site" / "odd_abi"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "module.py").write_text("class OddModule: ...\n")
    return AbiPlugin("odd", "odd_abi", "module", "OddModule", "scarlet-odd", tmp_path / "site")


@pytest.fixture(autouse=True)
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(linking, "BUILD", tmp_path / "build")
    return tmp_path / "build"


def test_a_changed_plug_in_changes_the_kernels_key(odd: AbiPlugin) -> None:
    linked = [*plugins.own(), odd]
    before = kernel.key(linked)
    assert before == kernel.key(linked) != kernel.key(plugins.own()) == kernel.key()
    (odd.source.folder / "module.py").write_text("class OddModule: pass\n")
    assert kernel.key(linked) != before


def test_the_kernel_without_plug_ins_stays_where_it_is(odd: AbiPlugin, build: Path) -> None:
    assert linking.kernel_file(plugins.own()) == linking.KERNEL
    assert linking.kernel_file([*plugins.own(), odd]) == build / "plugins" / "odd" / linking.KERNEL.name
    assert linking.modules(plugins.own()) == {}


def test_the_compiler_is_shown_every_module_of_the_package(odd: AbiPlugin, build: Path) -> None:
    found = linking.modules([*plugins.own(), odd])
    assert set(found) == {"scarlet.linked", "odd_abi", "odd_abi.module"}
    assert found["odd_abi.module"].read_text() == "class OddModule: ...\n"
    assert "odd_abi.module.OddModule()" in found["scarlet.linked"].read_text()


def test_a_module_that_cannot_be_imported_is_a_line_too(odd: AbiPlugin, monkeypatch: pytest.MonkeyPatch) -> None:
    (odd.source.folder / "module.py").write_text("class OddModule(Unknown): ...\n")
    monkeypatch.syspath_prepend(odd.root)
    with pytest.raises(UserError, match=r"^the ABI odd of scarlet-odd: it cannot be imported: NameError: name 'Unknown' is not defined$"):
        linking.import_linked([*plugins.own(), odd])


def test_scarlets_own_modules_call_themselves_what_their_entry_points_say() -> None:
    for plugin in plugins.own():
        tree = ast.parse((plugin.source.folder / f"{plugin.module}.py").read_text())
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == plugin.class_name]
        assert [plugincheck.name_of_class(node) for node in classes] == [plugin.name]


def test_a_package_that_moved_is_found_where_it_is_now(odd: AbiPlugin, tmp_path: Path) -> None:
    linking.modules([*plugins.own(), odd])
    (tmp_path / "site").rename(tmp_path / "moved")
    moved = AbiPlugin(odd.name, odd.package, odd.module, odd.class_name, odd.distribution, tmp_path / "moved")
    assert linking.modules([*plugins.own(), moved])["odd_abi.module"].read_text() == "class OddModule: ...\n"
