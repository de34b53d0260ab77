"""The gateway that both providers of a server talk to."""

import importlib.util

import pytest

from huolie_tools import places


@pytest.fixture(scope="module")
def gateway(server):
    """The simulator; both providers of the server talk to it."""
    path = places.ADDONS / "huolie_billing" / "tests" / "gateway.py"
    spec = importlib.util.spec_from_file_location("huolie_gateway", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    simulator = module.Gateway().start()
    admin = server.rpc("admin")
    rows = server.query(
        "SELECT id, code FROM payment_provider WHERE code LIKE 'huolie_%'"
    )
    for number, code in rows:
        simulator.setup(Provider(admin, number, code))
    yield simulator
    simulator.stop()


class Provider:
    """A provider of the server, as far as the simulator's ``setup`` needs one."""

    def __init__(self, session, number, code):
        self.session, self.number, self.code = session, number, code

    def write(self, values):
        self.session.call("payment.provider", "write", [self.number], values)
