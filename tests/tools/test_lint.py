"""What a machine or a registry left in a file is found before it is committed."""

import subprocess

import pytest

from huolie_tools import lint, places

# Put together, so that the check does not find this file.
LEFT = (
    "/".join(["cd ", "root", "odoo"]),
    "pip install --{}-url x".format("index"),
    "pip install --{}-index-url x".format("extra"),
    '"resolved"' + ": x",
)


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A project of which git tracks one file."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    monkeypatch.setattr(places, "PROJECT", tmp_path)

    def track(text):
        (tmp_path / "notes").write_text(text)
        subprocess.run(["git", "add", "-A"], cwd=tmp_path, check=True)

    return track


@pytest.mark.parametrize("left", LEFT)
def test_what_is_private_is_found(tree, left):
    tree(f"first\n{left}\n")
    assert lint.nothing_private().startswith("notes: ")


def test_what_is_not_private_is_not(tree):
    tree("the root/ of a tree, an index-url, resolved: x\n")
    assert lint.nothing_private() == ""


def test_the_check_does_not_find_itself():
    assert not [line for line in lint.nothing_private().split("\n") if "lint" in line]
