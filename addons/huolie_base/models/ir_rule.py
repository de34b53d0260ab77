import logging

from odoo import models
from odoo.exceptions import AccessError

_logger = logging.getLogger(__name__)


class IrRule(models.Model):
    _inherit = "ir.rule"

    def _make_access_error(self, operation, records):
        """Say the same of foreign and of missing records (SEC-T18)."""
        if not self.env.user._is_tenant():
            return super()._make_access_error(operation, records)
        _logger.info(
            "Denied to uid %s: %s of %s %s",
            self.env.uid,
            operation,
            records._name,
            records.ids[:6],
        )
        return self._make_absent_error()

    def _make_absent_error(self):
        return AccessError(
            self.env._("This record does not exist or is not within your rights.")
        )
