"""SEC-T15: a public method or a route that nobody has looked at fails the build."""

from pathlib import Path

from odoo.tests import TransactionCase, tagged

from . import surface

HERE = Path(__file__).parent


def reviewed(name):
    """Lines of a reviewed file, without what follows ` # `."""
    lines = (HERE / name).read_text().splitlines()
    lines = [line for line in lines if line.strip() and not line.startswith("#")]
    return [line.partition("  # ")[0].rstrip() for line in lines]


@tagged("post_install", "-at_install")
class TestReviewed(TransactionCase):
    def _check(self, name, now):
        then = reviewed(name)
        new = [line for line in now if line not in then]
        gone = [line for line in then if line not in now]
        advice = f"review, then: python tests/isolation/review.py (writes {name})"
        self.assertFalse(new, f"not reviewed; {advice}:\n" + "\n".join(new))
        self.assertFalse(gone, f"reviewed, but gone; {advice}:\n" + "\n".join(gone))

    def test_public_methods_are_reviewed(self):
        self._check("reviewed_methods.txt", surface.method_lines(self.env))

    def test_routes_are_reviewed(self):
        self._check("reviewed_routes.txt", surface.route_lines(self.env))
