from odoo import api, models
from odoo.exceptions import UserError

from ..services import matching, money, remark


class HuolieBankLine(models.Model):
    """Pairing lines of the bank with what enterprises filed."""

    _inherit = "huolie.bank.line"

    def _match(self):
        """Pair each new line with the transfer that fits best; the code goes first."""
        waiting = self._get_waiting()
        wanted = {recharge: recharge._prepare_wanted() for recharge in waiting}
        for line in self.filtered(lambda x: x.state == "new"):
            facts = line._prepare_facts()
            line._file_unfiled(facts, wanted)
            found = matching.best(facts, wanted)
            if found:
                recharge, points, fits = found
                line._pair(recharge, points, fits)
                wanted.pop(recharge)

    @api.model
    def _get_waiting(self):
        recharges = self.env["huolie.recharge"].sudo()
        return recharges.search([("state", "=", "filed"), ("method", "=", "transfer")])

    def _prepare_facts(self):
        text = f"{self.remark or ''} {self.serial or ''}"
        return {
            "codes": remark.find(text),
            "fen": money.to_fen(self.amount),
            "name": self.payer_name,
            "account": self.payer_account,
            "date": self.date,
        }

    def _file_unfiled(self, facts, wanted):
        """File a transfer whose code came in before the enterprise filed it."""
        enterprises = self.env["huolie.enterprise"].sudo()
        for code in facts["codes"]:
            owner = enterprises.search([("next_remark_code", "=", code)])
            if owner and owner.verified:
                vals = {"payer_name": self.payer_name, "paid_on": self.date}
                recharge = owner._file_transfer(facts["fen"], vals)
                wanted[recharge] = recharge._prepare_wanted()

    def _pair(self, recharge, points, fits):
        """Pair line and transfer; what the bank says goes over what was declared."""
        fits = fits if isinstance(fits, set) else set()
        self.sudo().write(
            {
                "recharge_id": recharge.id,
                "state": "matched",
                "points": points,
                "fits": ", ".join(sorted(fits)),
                "sure": {"code", "name", "amount"} <= fits,
            }
        )
        recharge.sudo().write(
            {
                "state": "matched",
                "amount_received": self.amount,
                "payer_name": self.payer_name or recharge.payer_name,
                "payer_account": self.payer_account,
                "paid_on": self.date,
                "bank_account_id": self.bank_account_id.id,
            }
        )

    def action_unmatch(self):
        """Undo a pairing before the approval."""
        self.env["huolie.recharge"]._check_finance()
        for line in self.sudo():
            if line.recharge_id.state == "approved":
                raise UserError(self.env._("This transfer is approved already."))
            if line.recharge_id.state == "matched":
                line.recharge_id.write({"state": "filed", "amount_received": 0})
            line.write(
                {"recharge_id": False, "state": "new", "sure": False, "points": 0}
            )

    def action_ignore(self):
        """Leave lines aside that are no recharge."""
        self.env["huolie.recharge"]._check_finance()
        self.filtered(lambda x: x.state == "new").sudo().state = "ignored"

    def action_match_again(self):
        """Try again to pair lines, after more transfers were filed."""
        self.env["huolie.recharge"]._check_finance()
        self._match()
