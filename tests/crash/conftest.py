"""A chat server for each module: threaded, or with workers behind the front."""

import pytest

from tests.load.chat import Client, World


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
