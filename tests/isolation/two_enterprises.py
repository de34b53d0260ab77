"""What these tests have in common: alpha, of which nobody of beta finds anything."""

from .factory import Factory


class TwoEnterprises:
    """Put before the test case of Odoo: two enterprises with admin and agent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.factory = Factory(cls.env)
        cls.alpha = cls.factory.enterprise("Alpha")
        cls.beta = cls.factory.enterprise("Beta")

    @classmethod
    def _fill(cls):
        """A row of both in every model; what could not be made, by model."""
        failed = {**cls.factory.fill(cls.alpha), **cls.factory.fill(cls.beta)}
        cls.factory.env.flush_all()
        return failed

    @classmethod
    def _person(cls, code):
        """Who has this ready-made role in beta."""
        return cls.beta._get_ready_role(code).user_ids[0]
