"""A chat server for each module: threaded, or with workers behind the front."""

import threading

import pytest

from tests.load.chat import Client, World

# Odoo limits the memory of its process; a hundred waiting clients must fit in
threading.stack_size(512 * 1024)


@pytest.fixture(scope="module")
def world(server):
    """Site and secret of the server's house enterprise, without a robot."""
    made = World(server.query)
    Client(server.port).hello(made.key)
    return made


@pytest.fixture
def clean(world):
    """The world with nobody in it."""
    world.clear()
    return world


@pytest.fixture
def client(server):
    """A client of the server's public port."""
    return Client(server.port)
