from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class AccountMove(models.Model):
    _inherit = "account.move"

    huolie_enterprise_id = fields.Many2one(
        comodel_name="huolie.enterprise",
        string="Huolie enterprise",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="Set on what the suite booked; the nightly comparison counts these.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Create moves; only the server says which belong to an enterprise.

        :raise AccessError: when a person does
        """
        moves = super().create(vals_list)
        if not self.env.su and moves.huolie_enterprise_id:
            raise self._make_server_only_error()
        return moves

    def write(self, vals):
        """Write moves; only the server says which belong to an enterprise.

        :raise AccessError: when a person does
        """
        if not self.env.su and "huolie_enterprise_id" in vals:
            raise self._make_server_only_error()
        return super().write(vals)

    def _make_server_only_error(self):
        return AccessError(
            self.env._("What counts in the comparison of the books is set by itself.")
        )

    def _check_draftable(self):
        self._check_huolie_kept()
        return super()._check_draftable()

    def _reverse_moves(self, default_values_list=None, cancel=False):
        self._check_huolie_kept()
        return super()._reverse_moves(default_values_list, cancel=cancel)

    def _check_huolie_kept(self):
        """Refuse to undo here what the suite booked: the balance would not follow.

        :raise UserError: says where it is corrected in both books
        """
        ours = self.filtered("huolie_enterprise_id")
        if ours and not self.env.su:
            raise UserError(
                self.env._(
                    "%s belongs to the balance of an enterprise: it is never undone"
                    " here. Give the money back by a request under Refunds and"
                    " corrections.",
                    ours[0].name,
                )
            )
