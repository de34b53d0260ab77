from odoo import models

OURS = "huolie."
# Written by the server at its start, no decision of anybody.
SYSTEM = {"huolie.role_modules"}


class IrConfigParameter(models.Model):
    """The operator's settings of the suite are parameters: changes are noted (A10)."""

    _name = "ir.config_parameter"
    _inherit = ["ir.config_parameter", "huolie.audited"]

    def _get_audit_values(self, names):
        """Follow the suite's parameters only; their key says what is a secret."""
        if self.key in SYSTEM or not (self.key or "").startswith(OURS):
            return dict.fromkeys(names, "")
        return super()._get_audit_values(names)

    def _get_audit_pair(self, name, old, new):
        if self._is_audit_secret(self.key or ""):
            name = self.key
        return super()._get_audit_pair(name, old, new)

    def _sum_up(self, names):
        """Say what a parameter held; nothing of a secret one."""
        if self._is_audit_secret(self.key or ""):
            return ""
        return super()._sum_up(names)

    def _audit(self, action, old=None, new=None, enterprise=None):
        """Note only what happens to parameters of the suite."""
        ours = self.filtered(lambda row: row.key.startswith(OURS))
        super(IrConfigParameter, ours)._audit(action, old, new, enterprise)
