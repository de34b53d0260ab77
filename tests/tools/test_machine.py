"""What ./huolie says on a machine that is not as it should be: one sentence, code 2."""

import errno
import os
import runpy
import socket
import sys

import pytest

from huolie_tools import cli, node, odoo_source, places, ports, python_env, system
from huolie_tools.errors import Halt


@pytest.fixture
def taken():
    """A port that somebody (we) listens on."""
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        yield busy.getsockname()[1]


def test_taken_port_gives_the_next_one_and_names_the_holder(taken, capsys):
    chosen = ports.choose(taken, "Odoo")
    assert chosen > taken
    said = capsys.readouterr().out
    assert f"port {taken} is taken by" in said and f"(process {os.getpid()})" in said


def test_taken_port_that_the_user_named_is_refused(taken):
    with pytest.raises(Halt, match=rf"Port {taken} .*process {os.getpid()}.*--port"):
        ports.choose(taken, "Odoo", strict=True)


def test_promised_port_is_passed_over_silently(capsys):
    free = ports.choose(18_200, "Odoo")
    assert ports.choose(free, "mail", taken={free}) > free
    assert capsys.readouterr().out == "" or free != 18_200


def test_foreign_address_is_refused():
    with pytest.raises(Halt, match="--host"):
        ports.choose(8069, "Odoo", host="192.0.2.1")


@pytest.mark.parametrize("port", ["0", "65536", "-1", "web"])
def test_impossible_port_is_refused(port, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["run", f"--port={port}"])
    assert ended.value.code == 2
    assert "--port" in capsys.readouterr().err


def test_short_disk_names_the_folder_and_the_way_out(tmp_path):
    with pytest.raises(Halt, match=f"{tmp_path}.*HUOLIE_CACHE"):
        system.enough_disk(tmp_path / "not" / "yet", 10**18, "Odoo")


def test_ordinary_user_gets_the_list_of_packages(monkeypatch):
    monkeypatch.setattr(places, "is_root", lambda: False)
    lacking = {"x": ("tests", lambda: False, "pkg-x"), "y": ("tests", dict, "pkg-y")}
    monkeypatch.setattr(system, "NEEDS", lacking)
    with pytest.raises(Halt, match="apt install pkg-x pkg-y"):
        system.ensure(["x", "y"], "the tests")


def test_other_odoo_version_is_refused(tmp_path, monkeypatch):
    (tmp_path / "odoo").mkdir()
    (tmp_path / "odoo" / "release.py").write_text("version_info = (18, 0, 0, 'final')")
    monkeypatch.setenv("ODOO_HOME", str(tmp_path))
    with pytest.raises(Halt, match=r"is Odoo 18\.0 .*unset ODOO_HOME"):
        odoo_source.check()


def test_folder_without_odoo_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("ODOO_HOME", str(tmp_path))
    with pytest.raises(Halt, match="holds no odoo/release.py"):
        odoo_source.check()


@pytest.mark.parametrize(
    ("version", "fits"),
    [("3.9", False), ("3.10", True), ("3.13", True), ("3.14", False), ("", False)],
)
def test_versions_of_python(version, fits):
    assert python_env._fits(version) is fits


def test_old_python_gets_a_sentence_instead_of_a_traceback(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 8, 1))
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(places.PROJECT / "huolie"))
    assert ended.value.code == 2
    assert "needs Python 3.10 to 3.13 and this is 3.8" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("version", "enough"), [("v18.19.0", False), ("v20.1.0", True), ("v22.20.0", True)]
)
def test_old_node_is_not_enough(version, enough, tmp_path, monkeypatch):
    for name in ("node", "npm"):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho {version}\n")
        program.chmod(0o755)
    monkeypatch.setenv("HUOLIE_PYTHON", str(tmp_path / "python"))
    assert node.is_new_enough() is enough


def test_machine_without_node(tmp_path, monkeypatch):
    monkeypatch.setenv("HUOLIE_PYTHON", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not node.is_new_enough()


@pytest.mark.parametrize(
    ("number", "way"), [(errno.EACCES, "HUOLIE_DATA"), (errno.ENOSPC, "make room")]
)
def test_refusal_of_the_machine_is_one_sentence(number, way, monkeypatch, capsys):
    def refuse():
        raise OSError(number, os.strerror(number), "/somewhere")

    monkeypatch.setattr(cli, "prepare", refuse)
    assert cli.main(["setup"]) == 2
    said = capsys.readouterr().err
    assert way in said and said.count("\n") == 1
