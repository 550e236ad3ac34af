"""Debian packages for riscv64, fetched with the ordinary apt client whatever the host's own release and architecture.

A private apt configuration lives in the cache: lists, status and archives of our own, so no root and no change to the host.
The mirror is the one the host's apt uses. initramfs/packages.lock pins name, version and SHA-256 of each package; a package
in the cache that matches needs no network. apt checks what it fetches against Debian's signed index in any case.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scarlet.cli import console
from scarlet.cli.errors import UserError
from scarlet.cli.paths import PACKAGE_LOCK, cache, write_atomically

SUITE = "trixie"
ARCHITECTURE = "riscv64"


class NotCarried(UserError):
    """The mirror has no such package."""


@dataclass(frozen=True)
class Package:
    """A pinned package."""

    name: str
    version: str
    sha256: str
    architecture: str = ARCHITECTURE
    """`all` for what runs anywhere, data for instance."""

    @property
    def file_name(self) -> str:
        return f"{self.name}_{self.version.replace(':', '%3a')}_{self.architecture}.deb"

    @property
    def line(self) -> str:
        """In the lock."""
        words = [self.name, self.version, self.sha256]
        return " ".join(words if self.architecture == ARCHITECTURE else [*words, self.architecture])


def read_lock() -> dict[str, Package]:
    """The pins by name."""
    lines = PACKAGE_LOCK.read_text().splitlines() if PACKAGE_LOCK.exists() else []
    pins = (Package(*line.split()) for line in lines if line.strip() and not line.startswith("#"))
    return {pin.name: pin for pin in pins}


def add_to_lock(package: Package) -> None:
    """Pin a package that had no pin, or another version of it."""
    pins = read_lock() | {package.name: package}
    lines = [f"# Packages of Debian {SUITE}, architecture {ARCHITECTURE}: name, version, SHA-256 (scarlet build --update-packages)."]
    lines += [pins[name].line for name in sorted(pins)]
    write_atomically(PACKAGE_LOCK, ("\n".join(lines) + "\n").encode())


def fetch(name: str, *, newest: bool = False, quiet: bool = False) -> Path:
    """The package's file, from the cache or the mirror; it is the pinned one, checked. `newest` takes the mirror's and pins it.
    `quiet`: somebody else shows that something takes time.

    When the mirror no longer carries the pinned version, its successor is taken, with a warning: Debian's point releases
    replace packages, and the signed index vouches for the new file.
    """
    folder = cache() / "debian"
    if not newest and (path := _cached(folder, name)) is not None:
        return path
    with _alone(folder):
        if not newest and (path := _cached(folder, name)) is not None:
            return path
        return _fetch(folder, name, newest=newest, quiet=quiet)


def _record(folder: Path, name: str, pin: Package | None) -> Path:
    """Says which package was taken instead of a pinned one, or without a pin."""
    return folder / f"{name}_{pin.version.replace(':', '%3a') if pin else 'unpinned'}.taken"


def _cached(folder: Path, name: str) -> Path | None:
    pin = read_lock().get(name)
    record = _record(folder, name, pin)
    taken = Package(*record.read_text().split()) if record.exists() else None
    for known in (pin, taken):
        if known and (path := folder / known.file_name).exists() and _sha256(path) == known.sha256:
            return path
    return None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Others who fetch at the same time wait: apt does not, it refuses."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _fetch(folder: Path, name: str, *, newest: bool, quiet: bool) -> Path:
    pin = read_lock().get(name)
    with contextlib.nullcontext() if quiet else console.working(f"fetching {name}"):
        apt = _Apt(folder / "apt")
        versions = apt.versions(name)
        version = pin.version if pin and not newest and pin.version in versions else versions[0]
        path = apt.download(name, version, folder)
    found = Package(name, version, _sha256(path), path.stem.rpartition("_")[2])
    if newest:
        add_to_lock(found)
    elif pin is None or version != pin.version:
        write_atomically(_record(folder, name, pin), f"{found.line}\n".encode())
        was = f"{pin.version} has left the mirror" if pin else "is not pinned"
        console.warn(f"{name} {was}; version {version} is used (scarlet build --update-packages pins it)")
    elif found.sha256 != pin.sha256:
        path.unlink()
        raise UserError(f"{name} {version}: the mirror's file is not the one that initramfs/packages.lock pins")
    return path


def fetch_dependency(name: str) -> Path:
    """The package that a metapackage such as linux-image-riscv64 depends on: a pinned one, or when that has gone the newest."""
    for pin in read_lock():
        if re.fullmatch(name.replace(ARCHITECTURE, rf"\d.*{ARCHITECTURE}"), pin):
            with contextlib.suppress(NotCarried):
                return fetch(pin)
    folder = cache() / "debian"
    with _alone(folder):
        dependency = _Apt(folder / "apt").first_dependency(name)
    return fetch(dependency)


def extract(package: Path, wanted: dict[str, str]) -> dict[str, tuple[tarfile.TarInfo, bytes]]:
    """Members of a package by their name in it (or a glob's first match), each under the key it is wanted by."""
    out: dict[str, tuple[tarfile.TarInfo, bytes]] = {}
    with _members(package) as archive:
        for member in archive:
            for key, pattern in wanted.items():
                if key not in out and Path(member.name).match(pattern) and member.isfile():
                    stream = archive.extractfile(member)
                    assert stream is not None
                    out[key] = (member, stream.read())
            if len(out) == len(wanted):
                break
    missing = [pattern for key, pattern in wanted.items() if key not in out]
    if missing:
        raise UserError(f"{package.name} does not hold {', '.join(missing)}")
    return out


def members(package: Path) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    """Every regular file of a package, with its content."""
    with _members(package) as archive:
        for member in archive:
            if member.isfile() and (stream := archive.extractfile(member)) is not None:
                yield member, stream.read()


@contextmanager
def _members(package: Path) -> Iterator[tarfile.TarFile]:
    tool = shutil.which("dpkg-deb")
    if tool is None:
        raise UserError("dpkg-deb is missing; it comes with the package dpkg")
    process = subprocess.Popen([tool, "--fsys-tarfile", str(package)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    try:
        with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
            yield archive
    except tarfile.TarError as error:
        raise UserError(f"{package.name} cannot be read: {error}") from None
    finally:
        process.kill()
        process.communicate()


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class _Apt:
    """apt with a configuration of our own."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("apt-get") is None:
            raise UserError(
                f"apt-get is missing: on a system without it, put the packages of initramfs/packages.lock into {folder.parent} by hand"
            )
        self.folder = folder
        for name in ("lists/partial", "cache/archives/partial"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / "status").touch()
        (folder / "sources.list").write_text(f"deb [arch={ARCHITECTURE}] {self._site()} {SUITE} main\n")
        inherited = os.environ.get("APT_CONFIG")  # a proxy may be set there
        (folder / "apt.conf").write_text(
            (Path(inherited).read_text() if inherited and Path(inherited).is_file() else "")
            + f'APT::Architecture "{ARCHITECTURE}"; APT::Architectures {{"{ARCHITECTURE}";}};\n'
            + f'Dir::State::lists "{folder}/lists"; Dir::State::status "{folder}/status"; Dir::Cache "{folder}/cache";\n'
            + f'Dir::Etc::sourcelist "{folder}/sources.list"; Dir::Etc::sourceparts "-"; Dir::Etc::preferencesparts "-";\n'
            + 'Acquire::Languages "none"; Acquire::Retries "3"; APT::Sandbox::User ""; DPkg::Post-Invoke "";\n'
        )

    def _site(self) -> str:
        """The mirror of the host's main suite."""
        listed = self._run("indextargets", "--no-release-info", "--format", "$(RELEASE) $(SITE)", "Created-By: Packages", private=False)
        for line in listed.splitlines():
            release, _, site = line.partition(" ")
            if site and "-" not in release:
                return site
        raise UserError("apt knows no mirror: add a line for Debian to its sources (sources.list(5))")

    def _run(self, command: str, *arguments: str, private: bool = True, cwd: Path | None = None, tool: str = "apt-get") -> str:
        environment = os.environ | {"LC_ALL": "C"} | ({"APT_CONFIG": str(self.folder / "apt.conf")} if private else {})
        done = subprocess.run(
            [tool, "-q", command, *arguments],
            env=environment,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            words = [line for line in done.stderr.splitlines() if line.startswith(("E:", "Err"))] or done.stderr.splitlines() or ["failed"]
            raise UserError(f"{tool} {command}: {words[0].removeprefix('E: ')}")
        return done.stdout

    def versions(self, name: str) -> list[str]:
        """What the mirror carries, newest first; its index is fetched anew."""
        self._run("update")
        table = self._run("madison", name, tool="apt-cache")
        found = [line.split("|")[1].strip() for line in table.splitlines() if line.count("|") == 2]
        if not found:
            raise NotCarried(f"Debian {SUITE} has no package {name} for {ARCHITECTURE}")
        return found

    def first_dependency(self, name: str) -> str:
        self.versions(name)
        match = re.search(r"Depends: (\S+)", self._run("depends", name, tool="apt-cache"))
        if match is None:
            raise UserError(f"{name} depends on nothing")
        return match[1]

    def download(self, name: str, version: str, target: Path) -> Path:
        self._run("download", f"{name}={version}", cwd=target)
        for architecture in (ARCHITECTURE, "all"):
            path = target / Package(name, version, "", architecture).file_name
            if path.exists():
                return path
        raise UserError(f"apt-get download {name} left no {path.name}")
