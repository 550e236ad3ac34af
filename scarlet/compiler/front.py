"""The only module that drives mypy: parses and type-checks the program and gives the typed trees in import order.

mypy is used as a library (an unsupported interface, hence pinned): `result.types` maps expression nodes to types, `result.files` holds
the trees.
The tree node classes themselves (mypy.nodes) are read by the lowering modules.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import mypy.build
import mypy.errors
from mypy.modulefinder import BuildSource
from mypy.nodes import Expression, MypyFile
from mypy.options import Options
from mypy.types import Type as MypyType

from scarlet.compiler.errors import BuildFailed, CompileError, Place, Report
from scarlet.compiler.imports import Imports, is_program, shown_path
from scarlet.compiler.plugin import DialectPlugin
from scarlet.compiler.sources import demand_text
from scarlet.compiler.targets import TARGETS

_MESSAGE = re.compile(r"^(.*?):(\d+)(?::\d+)?: (error|note): (.*)$")


@dataclass
class Module:
    """One Python module of the program."""

    name: str
    path: str
    tree: MypyFile


@dataclass
class Checked:
    """What the rest of the compiler gets: modules in import order (main last), and the type of every expression.

    `programs` has what each program consists of: the modules that its main module imports, in import order. There is one, unless every
    file was to be a program of its own.
    """

    modules: list[Module]
    types: dict[Expression, MypyType]
    main: str
    programs: dict[str, list[Module]]
    trees: dict[str, MypyFile] = field(default_factory=dict)


def project_root() -> Path:
    """The checkout: the folder that holds the package scarlet."""
    return Path(__file__).resolve().parents[2]


def module_name(path: Path, root: Path) -> str:
    """The dotted name of a source file: below the root its path, elsewhere its stem."""
    try:
        relative = path.resolve().relative_to(root)
    except ValueError:
        return path.stem
    parts = list(relative.with_suffix("").parts)
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts)


def _options(root: Path, sources: Iterable[str], cache: Path | None, folders: Iterable[Path] = ()) -> Options:
    """What mypy is asked for. The library's stubs, half of a small program's cost, come from mypy's cache; what is compiled never does,
    for a cached module has no bodies: for each of its possible names the cache is switched off."""
    options = Options()
    options.export_types = True
    options.preserve_asts = True
    options.incremental = cache is not None
    options.cache_dir = str(cache) if cache is not None else os.devnull
    options.sqlite_cache = False  # files, which several compilers may write at a time
    ours = {*sources, *(path.stem for folder in {root, *folders} for path in folder.iterdir() if path.is_dir() or path.suffix == ".py")}
    options.per_module_options = {pattern: {"cache_dir": os.devnull} for name in sorted(ours) for pattern in (name, f"{name}.*")}
    options.mypy_path = [str(root)]
    options.namespace_packages = True
    options.explicit_package_bases = True
    options.no_silence_site_packages = True
    options.python_version = (3, 11)
    options.always_true = ["COMPILED"]
    options.disallow_untyped_defs = True
    options.disallow_incomplete_defs = True
    options.disallow_any_generics = True
    options.check_untyped_defs = True
    options.strict_equality = False
    options.show_traceback = True
    options.hide_error_codes = True
    options.test_env = True  # whether garbage is collected is for our caller to say
    return options


def check(
    files: list[Path],
    target: str,
    root: Path | None = None,
    *,
    separate: bool = False,
    modules: Mapping[str, Path] | None = None,
    cache: Path | None = None,
) -> Checked:
    """Type-check the files and everything they import; BuildFailed with mypy's messages if they are wrong.

    The files are one program, the last of them its main module; or, `separate`, the main modules of a program each. `modules` are files
    that may be imported and are not found below the root, or are taken instead of what is found there. `cache` is a folder for what
    mypy knows of the library.
    """
    root = root or project_root()
    world = TARGETS[target].machine
    sources: dict[str, BuildSource] = {}
    for path in files:
        sources[module_name(path, root)] = BuildSource(str(path), module_name(path, root), None)
    for name, path in (modules or {}).items():
        sources[name] = BuildSource(str(path), name, None)
    main = module_name(files[-1], root)
    for path in sorted((root / "scarlet" / "machine" / world).glob("*.py")):
        if path.stem != "__init__":
            sources.setdefault(f"scarlet.machine.{path.stem}", BuildSource(shown_path(path), f"scarlet.machine.{path.stem}", None))
    for path in sorted((root / "scarlet" / "runtime").glob("*.py")):
        name = module_name(path, root)
        sources.setdefault(name, BuildSource(shown_path(path), name, None))
    options = _options(root, sources, cache, {Path.cwd(), *(path.parent for path in files)})
    try:
        result = _checked_by_mypy(list(sources.values()), options, cache)
    except mypy.errors.CompileError as error:
        raise BuildFailed(_report(error.messages)) from None
    report = _report(result.errors)
    if report.errors:
        raise BuildFailed(report)
    trees = dict(result.files.items())
    runtime = [name for name in sources if name.startswith("scarlet.runtime.")]
    mains = [module_name(file, root) for file in files]
    if any(state.meta is not None and not is_library(state.path or "") for state in result.graph.values()):
        return check(files, target, root, separate=separate, modules=modules)  # a module found elsewhere came without a body
    for name, tree in trees.items():
        if is_program(name, tree) and tree.path.endswith(".py"):
            demand_text(Path(tree.path), report)
    if report.errors:
        raise BuildFailed(report)
    parts = {name: Module(name, shown_path(Path(trees[name].path)), trees[name]) for name in _import_order([*runtime, *mains], trees)}
    programs = {main: list(parts.values())}
    if separate:
        programs = {name: [parts[part] for part in _import_order([*runtime, name], trees)] for name in mains}
    return Checked(list(parts.values()), result.types, main, programs, trees)


def _checked_by_mypy(sources: list[BuildSource], options: Options, cache: Path | None) -> mypy.build.BuildResult:
    """mypy's result. A damaged cache makes it fail in many ways: what fails with a cache is tried once more without what is there."""
    try:
        return mypy.build.build(sources, options, extra_plugins=[DialectPlugin(options)])
    except Exception as failure:
        if cache is None or isinstance(failure, mypy.errors.CompileError) and not any("bad cache" in text for text in failure.messages):
            raise
    shutil.rmtree(cache, ignore_errors=True)
    return mypy.build.build(sources, options, extra_plugins=[DialectPlugin(options)])


def is_library(path: str) -> bool:
    """Whether a file is one of mypy's stubs of Python's library."""
    return "typeshed" in path


def _report(messages: list[str]) -> Report:
    report = Report()
    for message in messages:
        match = _MESSAGE.match(message)
        if match is None and (whole := re.match(r"(?:mypy: )?(?:error: )?(.*\.py): error: (.*)$", message)):
            report.add(CompileError(Place(whole.group(1), 1), whole.group(2), "a file in UTF-8" if "decode" in whole.group(2) else ""))
        elif match is None and ": note: " in message:
            continue
        elif match is None:
            report.add(CompileError(None, message))
        elif match.group(3) == "error":
            text, advice = _explain(match.group(4))
            report.add(CompileError(Place(match.group(1), int(match.group(2))), text, advice))
    return report


def _explain(text: str) -> tuple[str, str]:
    """Add the dialect's advice to mypy's message where there is one."""
    mixed = re.search(r'Unsupported (?:left )?operand types? for (\S+) \("([ui]\d+)" and "([ui]\d+)"\)', text)
    if mixed:
        return text, f"convert one side explicitly, {mixed.group(2)}(...) or {mixed.group(3)}(...)"
    return text, ""


def _import_order(names: list[str], trees: dict[str, MypyFile]) -> list[str]:
    """All modules of a program, in the order in which they run. BuildFailed if Python would find another one."""
    imports = Imports(trees)
    for name in names:
        imports.visit(name)
    if imports.report.errors:
        raise BuildFailed(imports.report)
    return imports.order
