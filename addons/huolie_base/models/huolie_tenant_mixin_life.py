from odoo import api, models
from odoo.exceptions import UserError


class HuolieTenantMixin(models.AbstractModel):
    _inherit = "huolie.tenant.mixin"

    # Models that stay open when the trial is over: the ways to become formal.
    _open_when_over = False

    @api.model_create_multi
    def create(self, vals_list):
        """Create rows, unless the enterprise may only read (trial over, frozen)."""
        self._check_life()
        return super().create(vals_list)

    def write(self, vals):
        """Write rows, unless the enterprise may only read."""
        self._check_life()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_alive_and_free(self):
        self._check_life()
        if not self.env.su and self.sudo().enterprise_id.filtered("legal_hold"):
            raise UserError(
                self.env._("Deleting is stopped by a legal hold on this enterprise.")
            )

    @api.model
    def _check_life(self):
        """Refuse changes by people whose enterprise may only read.

        :raise UserError: says the way forward
        """
        if self._transient or self._open_when_over or not self._is_guarded():
            return
        self.env.user.enterprise_id.sudo()._check_people_may_write()
