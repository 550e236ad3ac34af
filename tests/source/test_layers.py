"""The import table of docs/architecture.md, kept true by reading the imports of every module."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

LAYERS = {
    "scarlet.lang": (),
    "scarlet.runtime": ("scarlet.lang", "scarlet.machine"),
    "scarlet.machine": ("scarlet.lang",),
    "scarlet.kernel": ("scarlet.lang", "scarlet.machine"),
    "objects": ("scarlet.lang", "scarlet.kernel"),
    "vfs": ("scarlet.lang", "scarlet.kernel", "objects"),
    "net": ("scarlet.lang", "scarlet.kernel", "objects"),
    "drivers": ("scarlet.lang", "scarlet.machine", "scarlet.kernel", "objects"),
    "executor": ("scarlet.lang", "scarlet.kernel", "objects", "vfs"),
    "abi_modules": ("scarlet.lang", "scarlet.kernel", "objects", "vfs", "net", "executor"),
    "scarlet.user": ("scarlet.lang", "scarlet.machine"),
    "scarlet.xv6": ("scarlet.lang", "scarlet.machine"),
    "initramfs.native": ("scarlet.lang", "scarlet.user"),
    "initramfs.xv6": ("scarlet.lang", "scarlet.xv6"),
}
"""A layer and what it may import beside itself. scarlet/boot.py and its neighbours wire the layers and may import them all."""

TOP = ("scarlet.boot", "scarlet.devices", "scarlet.init", "scarlet.linked", "scarlet.console", "scarlet.runfile")
HOST_ONLY = ("scarlet.cli", "scarlet.compiler")
STANDARD = {"typing", "abc", "enum", "dataclasses", "weakref", "collections", "collections.abc", "__future__"}
"""The library modules that the dialect knows."""
ALLOWED_EXTRA = {
    ("scarlet.machine.riscv64", "scarlet.runtime"): "bare metal builds on the compiled runtime",
    ("scarlet.machine.linux_user", "scarlet.runtime"): "so does a Linux program",
    ("scarlet.machine.native_user", "scarlet.runtime"): "a native one",
    ("scarlet.machine.xv6_user", "scarlet.runtime"): "and one for xv6",
    ("scarlet.user", "abi_modules.native.interface"): "what programs and the kernel both know of the native ABI",
    ("scarlet.user", "abi_modules.native.status"): "and its status codes",
    ("initramfs.native", "abi_modules.native.interface"): "the same",
    ("initramfs.native", "abi_modules.native.status"): "the same",
    ("vfs.procfs", "net"): "/proc/net shows what the protocols know",
    ("initramfs.native.init", "scarlet.runfile"): "the run file is read by boot and by process 1",
}
RAW = "scarlet.lang.raw"
RAW_IMPORTERS = ("scarlet.runtime", *(f"scarlet.machine.{world}" for world in ("riscv64", "linux_user", "native_user", "xv6_user")))
"""Who may reach memory and registers by address: the runtime, and the compiled side of the machine layer."""


def modules() -> Iterator[tuple[str, Path]]:
    """Name and file of every module of the layers."""
    for layer in LAYERS:
        for path in sorted((ROOT / layer.replace(".", "/")).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            if not name.startswith("scarlet.machine.hosted"):
                yield name.removesuffix(".__init__"), path


def imports(name: str, path: Path) -> Iterator[str]:
    """What a module imports at run time, in full names."""
    tree = ast.parse(path.read_text())
    guards = [node for node in ast.walk(tree) if isinstance(node, ast.If) and _is_type_checking(node.test)]
    for_types_only = {id(inner) for guard in guards for inner in ast.walk(guard)}
    for node in ast.walk(tree):
        if id(node) in for_types_only:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}:{node.lineno}: relative import"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if _is_module(full) else str(node.module)


def _is_type_checking(test: ast.expr) -> bool:
    return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING" or isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)


def _is_module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").exists() or path.with_suffix(".pyi").exists()


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def layer_of(name: str) -> str | None:
    return next((layer for layer in LAYERS if within(name, layer)), None)


def permitted(importer: str, imported: str) -> bool:
    """Whether the table allows this import."""
    top = imported.split(".")[0]
    ours = top in {layer.split(".")[0] for layer in LAYERS}
    if not ours:
        return imported in STANDARD or within(importer, "scarlet.lang")  # the CPython side of the dialect may use the library
    if imported == RAW:
        return any(within(importer, place) for place in RAW_IMPORTERS)
    if any(within(importer, place) and within(imported, what) for place, what in ALLOWED_EXTRA):
        return True
    home, target = layer_of(importer), layer_of(imported)
    if home == target and home in ("initramfs.native", "initramfs.xv6"):
        return False  # programs have their libraries in common, and nothing else
    if home == "abi_modules" and target == "abi_modules":
        return importer.split(".")[:2] == imported.split(".")[:2]
    return target is not None and (target == home or home is not None and target in LAYERS[home])


@pytest.mark.parametrize(("name", "path"), [pytest.param(name, path, id=name) for name, path in modules()])
def test_a_module_imports_only_what_lies_below_it(name: str, path: Path) -> None:
    wrong = [imported for imported in imports(name, path) if not permitted(name, imported)]
    assert wrong == []


def test_every_exception_is_needed() -> None:
    made = [(name, imported) for name, path in modules() for imported in imports(name, path)]
    unused = [row for row in ALLOWED_EXTRA if not any(within(name, row[0]) and within(imported, row[1]) for name, imported in made)]
    assert unused == []


PLUGINS = sorted((ROOT / "tests" / "plugins").glob("*/*_abi/*.py"))


@pytest.mark.parametrize("path", [pytest.param(path, id=f"{path.parent.name}.{path.stem}") for path in PLUGINS])
def test_a_plug_in_imports_what_an_abi_module_may(path: Path) -> None:
    package = path.parent.name
    name = f"abi_modules.{package}.{path.stem}"
    wrong = [imported for imported in imports(name, path) if not within(imported, package) and not permitted(name, imported)]
    assert wrong == []


def test_the_table_refuses_what_it_should() -> None:
    assert not permitted("objects.pipe", "vfs.walk")
    assert not permitted("scarlet.kernel.trap", "objects.task")
    assert not permitted("vfs.walk", "scarlet.machine.physmem")
    assert not permitted("abi_modules.linux_riscv64.files", "abi_modules.xv6_riscv64.files")
    assert not permitted("abi_modules.tiny_abi.calls", "abi_modules.linux_riscv64.files")
    assert not permitted("executor.exec", "abi_modules.linux_riscv64.module")
    assert not permitted("objects.pipe", "scarlet.boot")
    assert not permitted("objects.pipe", "os")
    assert not permitted("scarlet.user.files", "objects.pipe")
    assert not permitted("initramfs.native.ls", "initramfs.native.cat")
    assert permitted("abi_modules.linux_riscv64.files", "vfs.walk")


def test_every_layer_has_modules() -> None:
    found = {layer_of(name) for name, _path in modules()}
    assert found == set(LAYERS)


def test_the_kernel_does_not_know_its_compiler_or_its_command() -> None:
    top = [(name, ROOT / (name.replace(".", "/") + ".py")) for name in TOP]
    for name, path in [*modules(), *top]:
        assert not [imported for imported in imports(name, path) if any(within(imported, host) for host in HOST_ONLY)], name
