from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services import matching

SHOWN = 8


class HuolieBankPair(models.TransientModel):
    """Pair a line of the bank with a waiting transfer by hand (B3)."""

    _name = "huolie.bank.pair"
    _description = "Pair with a transfer"

    line_id = fields.Many2one(
        comodel_name="huolie.bank.line",
        string="Line of the bank",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(related="line_id.currency_id")
    amount = fields.Monetary(related="line_id.amount", string="Amount arrived")
    date = fields.Date(related="line_id.date")
    payer_name = fields.Char(related="line_id.payer_name")
    remark = fields.Char(related="line_id.remark")
    choice_ids = fields.One2many(
        comodel_name="huolie.bank.pair.line",
        inverse_name="page_id",
        string="Which transfer is it?",
        readonly=True,
    )
    recharge_id = fields.Many2one(
        comodel_name="huolie.recharge",
        string="Another transfer",
        domain=[
            ("method", "=", "transfer"),
            "|",
            ("state", "=", "filed"),
            "&",
            ("state", "=", "approved"),
            ("line_ids", "=", False),
        ],
        ondelete="cascade",
    )

    @api.model
    def _open(self, line):
        """Make the page for a line, with the transfers that are most alike."""
        page = self.create({"line_id": line.id})
        choices = [{"recharge_id": one.id} for one in page._get_choices()]
        page.choice_ids = [(0, 0, vals) for vals in choices]
        return page

    def _get_choices(self):
        """Return the free transfers that are most like the line, best first."""
        facts = self.line_id._prepare_facts()
        lines = self.env["huolie.bank.line"]
        wanted = (lines._get_waiting() | lines._get_credited())._prepare_wanted()
        points = {one: matching.likeness(facts, what) for one, what in wanted.items()}
        best = sorted(filter(points.get, points), key=points.get, reverse=True)
        return best[:SHOWN]

    def action_pair(self):
        """Pair with the transfer that was searched for.

        :raise AccessError: when the user is not finance
        :raise UserError: when none is chosen, or one of the two is taken by now
        """
        self.ensure_one()
        self.env["huolie.recharge"]._check_finance()
        if not self.recharge_id:
            raise UserError(
                self.env._("Choose a transfer, or press “Pair” beside one.")
            )
        self._pair(self.recharge_id)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _pair(self, recharge):
        """Pair them; a person approves afterwards, never the machine.

        A transfer that was credited by hand before is only tied to its line.
        """
        if self.line_id.state != "new":
            raise UserError(self.env._("This line is not free any more."))
        if recharge.method != "transfer" or not self._is_free(recharge):
            raise UserError(self.env._("This transfer does not wait any more."))
        self.line_id._pair(recharge, 0, set())

    def _is_free(self, recharge):
        if recharge.state != "approved":
            return recharge.state == "filed"
        same = recharge.amount_received == self.amount
        return same and not recharge.sudo().line_ids
