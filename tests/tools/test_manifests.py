"""An Odoo that somebody already has needs what the manifests name, and no more."""

import ast
import importlib.metadata
import re
import sys

import pytest

from huolie_tools import database, places

MANIFESTS = database.manifests()


def _plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def parts_of_requirements():
    """Names of the packages of each part of requirements.txt."""
    parts = []
    for line in places.REQUIREMENTS.read_text().splitlines():
        if line.startswith("# ---"):
            parts.append(set())
        elif line.strip():
            parts[-1].add(_plain(re.match(r"[\w.-]+", line)[0]))
    return parts


OURS, ODOOS, _RUNNING = parts_of_requirements()
ODOOS.add("pillow")  # Odoo's too; among ours because the version matters to us


def declared(addon):
    """What the addon and those it depends on declare."""
    manifest = MANIFESTS.get(addon, {})
    found = set(manifest.get("external_dependencies", {}).get("python", ()))
    for other in manifest.get("depends", ()):
        found |= declared(other)
    return {_plain(name) for name in found}


def imported(addon):
    """{(package of PyPI, file)} that the addon's own code imports."""
    known = importlib.metadata.packages_distributions()
    found = set()
    for file in (places.ADDONS / addon).rglob("*.py"):
        if "tests" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            for name in (name.split(".")[0] for name in names):
                if name not in sys.stdlib_module_names and name != "odoo":
                    packages = known.get(name, [f"unknown: {name}"])
                    found.add((_plain(packages[0]), file.name))
    return found


@pytest.mark.parametrize("addon", MANIFESTS)
def test_imports_are_odoos_or_declared(addon):
    allowed = declared(addon) | ODOOS
    undeclared = {(name, file) for name, file in imported(addon) if name not in allowed}
    assert not undeclared


@pytest.mark.parametrize("addon", MANIFESTS)
def test_declared_packages_are_pinned(addon):
    assert declared(addon) <= OURS | ODOOS
