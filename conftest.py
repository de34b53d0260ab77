"""Fixtures for all tests of the project, see tests/support/plugin.py."""

pytest_plugins = ["tests.support.plugin"]
