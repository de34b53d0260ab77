from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services import matching, money, remark

# How long a transfer that was credited by hand may wait for its line.
CREDITED_DAYS = 90


class HuolieBankLine(models.Model):
    """Pairing lines of the bank with what enterprises filed."""

    _inherit = "huolie.bank.line"

    def _match(self):
        """Pair each new line with the transfer that fits best; the code goes first."""
        known = self._get_waiting() | self._get_credited()
        wanted = known._prepare_wanted()
        lines = self.filtered(lambda x: x.state == "new")
        read = {line: line._prepare_facts() for line in lines}
        owners = self._find_owners(read.values())
        for line, facts in read.items():
            line._file_unfiled(facts, wanted, owners)
            found = matching.best(facts, wanted)
            if found:
                recharge, points, fits = found
                line._pair(recharge, points, fits)
                wanted.pop(recharge)

    @api.model
    def _get_waiting(self):
        recharges = self.env["huolie.recharge"].sudo()
        return recharges.search([("state", "=", "filed"), ("method", "=", "transfer")])

    @api.model
    def _get_credited(self):
        """Return transfers that were credited by hand before the bank's file came.

        Their line must not fund another transfer, so it is tied to them.
        """
        recharges = self.env["huolie.recharge"].sudo()
        since = fields.Datetime.now() - timedelta(days=CREDITED_DAYS)
        return recharges.search(
            [
                ("state", "=", "approved"),
                ("method", "=", "transfer"),
                ("line_ids", "=", False),
                ("decided_at", ">=", since),
            ]
        )

    def _prepare_facts(self):
        text = f"{self.remark or ''} {self.serial or ''}"
        return {
            "codes": remark.find(text),
            "fen": money.to_fen(self.amount),
            "name": self.payer_name,
            "account": self.payer_account,
            "date": self.date,
        }

    @api.model
    def _find_owners(self, read):
        """Return remark code → enterprise that was shown it and filed nothing yet."""
        codes = list({code for facts in read for code in facts["codes"]})
        enterprises = self.env["huolie.enterprise"].sudo()
        found = enterprises.search([("next_remark_code", "in", codes)])
        return {owner.next_remark_code: owner for owner in found}

    def _file_unfiled(self, facts, wanted, owners):
        """File a transfer whose code came in before the enterprise filed it."""
        for code in facts["codes"]:
            # Once: another line may hold the same code.
            owner = owners.pop(code, None)
            if owner and owner._can_recharge():
                vals = {"payer_name": self.payer_name, "paid_on": self.date}
                recharge = owner._file_transfer(facts["fen"], vals)
                wanted.update(recharge._prepare_wanted())

    def _pair(self, recharge, points, fits):
        """Pair line and transfer; what the bank says goes over what was declared.

        A transfer that is credited already is only tied to its line.
        """
        fits = fits if isinstance(fits, set) else set()
        waiting = recharge.state == "filed"
        self.sudo().write(
            {
                "recharge_id": recharge.id,
                "state": "matched",
                "points": points,
                "fits": ", ".join(sorted(fits)),
                "sure": waiting and {"code", "name", "amount"} <= fits,
            }
        )
        if waiting:
            recharge.sudo().write(self._prepare_arrived_vals(recharge))

    def _prepare_arrived_vals(self, recharge):
        return {
            "state": "matched",
            "amount_received": self.amount,
            "payer_name": self.payer_name or recharge.payer_name,
            "payer_account": self.payer_account,
            "paid_on": self.date,
            "bank_account_id": self.bank_account_id.id,
        }

    def _free(self):
        """Let lines be paired anew."""
        self.sudo().write(
            {
                "recharge_id": False,
                "rule_id": False,
                "state": "new",
                "sure": False,
                "points": 0,
                "fits": False,
            }
        )

    def action_unmatch(self):
        """Undo a pairing before the approval, or take back what was ignored."""
        self.env["huolie.recharge"]._check_finance()
        for line in self.sudo():
            if line.recharge_id.state == "approved":
                raise UserError(self.env._("This transfer is approved already."))
            if line.recharge_id.state == "matched":
                line.recharge_id.write({"state": "filed", "amount_received": 0})
            line._free()

    def action_match_again(self):
        """Try again to pair lines, after more transfers were filed."""
        self.env["huolie.recharge"]._check_finance()
        self._match()

    def action_open_pair(self):
        """Open the page with the transfers that may belong to this line.

        :raise AccessError: when the user is not finance
        """
        self.ensure_one()
        self.env["huolie.recharge"]._check_finance()
        page = self.env["huolie.bank.pair"]._open(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pair with a transfer"),
            "res_model": page._name,
            "res_id": page.id,
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def action_approve_matched(self):
        """Approve the transfers of these lines (B3).

        :return: the page that asks one reason for those held, and shows the progress
        :raise AccessError: when the user is not finance
        :raise UserError: when none of them waits
        """
        self.env["huolie.recharge"]._check_finance()
        return self.recharge_id.action_approve_many()
