"""Odoo 19: the one the user has (ODOO_HOME), or Debian's package unpacked.

Debian's suite `sid` has Odoo 19 as a package. Its Python dependencies come from
PyPI, so the package is unpacked into the cache, never installed, and the
machine's own apt state is never touched. The archive's address is the one that
the machine's own apt configuration names.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from . import download, lock, places, system
from .errors import Halt
from .progress import say, step

VERSION = "19.0"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
FROM_SID = [
    "odoo-19",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-roboto-unhinted",
    "fonts-montserrat",
    "fonts-ocr-b",
]
# version 4.7, which Odoo's style sheets are written for; sid has 7.x
FROM_STABLE = ["fonts-font-awesome"]
KNOWN_BROKEN_LINKS = {"Inconsolata.otf"}
LAYOUT = 1  # raise it when unpacking changes, so that old folders are left alone


def unpacked():
    """The newest Odoo in the cache, or None."""
    roots = sorted(places.cache().glob(f"odoo-{VERSION}*-l{LAYOUT}/ready.json"))
    return roots[-1].parent if roots else None


def is_ready():
    return bool(os.environ.get("ODOO_HOME")) or unpacked() is not None


def home():
    """The folder to put on PYTHONPATH: it holds the package `odoo`."""
    given = os.environ.get("ODOO_HOME")
    if given:
        return _given_home(Path(given).expanduser().absolute())
    return unpacked() / "usr/lib/python3/dist-packages"


def _given_home(folder):
    for candidate in (folder, folder / "usr/lib/python3/dist-packages"):
        release = candidate / "odoo" / "release.py"
        if release.exists():
            return _check_release(candidate, release)
    raise Halt(
        f"ODOO_HOME={folder} holds no odoo/release.py: name the folder of an "
        "Odoo 19 checkout or the dist-packages of an installed one, or unset it."
    )


def _check_release(folder, release):
    text = release.read_text()
    found = re.search(r"^version_info\s*=\s*\((\d+),\s*(\d+)", text, re.M)
    version = ".".join(found.groups()) if found else "unknown"
    if version != VERSION:
        raise Halt(
            f"ODOO_HOME={folder} is Odoo {version} and these addons are for "
            f"{VERSION}: name an Odoo {VERSION}, or unset ODOO_HOME to fetch one."
        )
    return folder


def check():
    """Halt early where Odoo 19 can neither be found nor fetched."""
    if is_ready():
        home()
        return
    system.enough_disk(places.cache(), 2_500_000_000, "Odoo 19 (unpacked)")
    for program in ("apt-get", "dpkg-deb"):
        if not shutil.which(program):
            raise Halt(
                f"{program} is missing, so Odoo 19 cannot be taken from Debian: "
                "set ODOO_HOME to an Odoo 19 that you have."
            )


def ensure():
    """Fetch and unpack Odoo unless it is there; returns its home."""
    check()
    if is_ready():
        return home()
    places.make_folder(places.cache())
    with lock.exclusive(places.cache() / "odoo.lock", "fetching Odoo"):
        if not is_ready():
            _unpack(_fetch())
    return home()


# === FETCH === #


def _archive_address():
    """Address of the Debian archive, from this machine's own apt configuration."""
    targets = _apt_targets()
    if not targets and places.is_root():
        with step("package lists of this machine (apt-get update)"):
            system.refresh_lists()
        targets = _apt_targets()
    address = targets or _address_from_files()
    if not address:
        raise Halt(
            "No Debian archive is named in this machine's apt configuration: "
            "add one (deb.debian.org or a mirror), or set ODOO_HOME to an Odoo 19."
        )
    return address.rstrip("/")


def _apt_targets():
    form = "$(ORIGIN)|$(LABEL)|$(REPO_URI)"
    done = subprocess.run(
        ["apt-get", "indextargets", "--format", form, "Identifier: Packages"],
        capture_output=True,
        text=True,
    )
    for row in done.stdout.splitlines():
        origin, label, address = row.split("|", 2)
        if origin == label == "Debian":
            return address
    return None


def _address_from_files():
    """The first archive address in apt's source files that is not for security."""
    apt = Path("/etc/apt")
    files = [apt / "sources.list", *sorted(apt.glob("sources.list.d/*"))]
    codename = _codename()
    for file in filter(Path.is_file, files):
        for block in re.split(r"\n\s*\n", file.read_text(errors="replace")):
            lines = [row for row in block.splitlines() if not row.startswith("#")]
            text = "\n".join(lines)
            old = re.search(rf"^deb\s+(?:\[.*?\]\s+)?(\S+)\s+{codename}\s", text, re.M)
            new = re.search(r"^URIs:\s*(\S+)", text, re.M)
            if old:
                return old.group(1)
            if new and re.search(rf"^Suites:.*\b{codename}(\s|$)", text, re.M):
                return new.group(1)
    return None


def _codename():
    """Suite that has Font Awesome 4.7: this machine's Debian, or bookworm."""
    release = Path("/etc/os-release")
    text = release.read_text() if release.exists() else ""
    found = re.search(r"^VERSION_CODENAME=(\w+)", text, re.M)
    name = found.group(1) if found else ""
    return name if name in ("bookworm", "trixie") else "bookworm"


def _apt_options(folder):
    """Options that keep apt inside `folder`: the machine's own state stays as it is."""
    options = {
        "Dir::Etc::sourcelist": folder / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferences": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "Dir::State::Lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        "APT::Get::List-Cleanup": "false",
        "Debug::NoLocking": "true",
    }
    if places.is_root():
        options["APT::Sandbox::User"] = "root"
    return [f"-o{name}={value}" for name, value in options.items()]


def _prepare_apt(folder):
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    if not KEYRING.exists():
        if places.is_root():
            system.install(["debian-archive-keyring"], "checking Debian's signatures")
        else:
            raise Halt(
                "Debian's signatures cannot be checked without debian-archive-keyring: "
                "have root run: apt install debian-archive-keyring"
            )
    address = _archive_address()
    lines = [
        f"deb [signed-by={KEYRING}] {address} {suite} main\n"
        for suite in ("sid", _codename())
    ]
    (folder / "sources.list").write_text("".join(lines))


def _fetch():
    """Download the packages that are not in the cache yet; their files."""
    apt = places.cache() / "apt"
    _prepare_apt(apt)
    options = _apt_options(apt)
    with step("Debian's package lists", measure=lambda: _size(apt / "lists")):
        done = subprocess.run(
            ["apt-get", *options, "update"], capture_output=True, text=True
        )
    if done.returncode or "Failed to fetch" in done.stderr:
        raise Halt(
            "Debian's package lists could not be read (no network, or a proxy that apt "
            "does not know?): mend the network, or set ODOO_HOME to an Odoo 19."
        )
    wanted = [f"{name}/sid" for name in FROM_SID]
    wanted += [f"{name}/{_codename()}" for name in FROM_STABLE]
    return [_download(options, row) for row in _print_addresses(options, wanted)]


def _print_addresses(options, names):
    """[(address, file name, size, sha256)] as apt's signed lists say."""
    done = subprocess.run(
        ["apt-get", *options, "download", "--print-uris", *names],
        capture_output=True,
        text=True,
    )
    rows = re.findall(r"^'(\S+)' (\S+) (\d+) SHA256:(\w+)", done.stdout, re.M)
    if len(rows) != len(names):
        say(done.stderr.strip()[-400:])
        raise Halt(
            "Debian's archive does not offer all that Odoo 19 needs: "
            "try again later, or set ODOO_HOME to an Odoo 19."
        )
    return rows


def _download(options, row):
    """Fetch one package unless the cache has it; it is what Debian signed."""
    address, name, size, checksum = row[0], row[1], int(row[2]), row[3]
    folder = places.make_folder(places.cache() / "debs")
    target = folder / name
    if target.exists() and _sha256(target) == checksum:
        return target
    part = folder / f"{name}.part"
    with step(name, measure=lambda: _size(part), total=size):
        download.fetch(address, part, size, apt_options=options)
    if _sha256(part) != checksum:
        part.unlink()
        raise Halt(f"{name} is not what Debian signed: start again to fetch it anew.")
    part.rename(target)
    return target


def _sha256(path):
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while chunk := handle.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _size(path):
    if path.is_dir():
        return sum(_size(child) for child in path.iterdir())
    return path.stat().st_size if path.exists() else 0


# === UNPACK === #


def _unpack(packages):
    version = next(p.name.split("_")[1] for p in packages if "odoo-19_" in p.name)
    root = places.cache() / f"odoo-{version}-l{LAYOUT}"
    part = root.with_name(f"{root.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    with step(f"unpacking Odoo {version}"):
        for package in packages:
            done = subprocess.run(["dpkg-deb", "-x", package, part])
            if done.returncode:
                raise Halt(f"{package} cannot be unpacked: is the disk full?")
    part.chmod(0o755)
    home_ = part / "usr/lib/python3/dist-packages"
    _mend_font_awesome(home_ / "odoo/addons/web/static/lib/fontawesome/fonts")
    _check_links(home_ / "odoo" / "addons")
    _check_release(home_, home_ / "odoo" / "release.py")
    contents = {"packages": [package.name for package in packages]}
    (part / "ready.json").write_text(json.dumps(contents, indent=1) + "\n")
    part.rename(root)


def _mend_font_awesome(folder):
    """Debian's package crosses the names of the two web fonts: set them right."""
    kinds = {".woff": b"wOFF", ".woff2": b"wOF2"}
    found = {}
    for suffix in kinds:
        content = (folder / f"fontawesome-webfont{suffix}").read_bytes()
        found[content[:4]] = content
    if set(found) != set(kinds.values()):
        raise Halt("Font Awesome is not as expected: report this to the project.")
    for suffix, magic in kinds.items():
        file = folder / f"fontawesome-webfont{suffix}"
        file.unlink()
        file.write_bytes(found[magic])


def _check_links(addons):
    broken = [
        path
        for path in addons.rglob("*")
        if path.is_symlink() and not path.exists()
        if path.name not in KNOWN_BROKEN_LINKS
    ]
    if broken:
        raise Halt(
            f"Odoo's package has {len(broken)} broken links (first: {broken[0]}): "
            "report this to the project, or set ODOO_HOME to an Odoo 19."
        )
