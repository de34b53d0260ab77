from odoo import api, fields, models
from odoo.tools import SQL

from ..services import money

# One row per enterprise: the balance, the sum of its movements, refunds on hold, what
# the accounting book owes on the suite's own moves, charges without an invoice.
QUERY = """
SELECT w.enterprise_id, w.balance,
       COALESCE(e.total, 0), COALESCE(h.total, 0),
       -COALESCE(a.total, 0), COALESCE(c.total, 0)
  FROM huolie_wallet w
  LEFT JOIN (SELECT wallet_id, SUM(amount) total
               FROM huolie_wallet_entry GROUP BY 1) e ON e.wallet_id = w.id
  LEFT JOIN (SELECT enterprise_id, SUM(amount) total
               FROM huolie_refund WHERE state IN ('held', 'sent') GROUP BY 1) h
         ON h.enterprise_id = w.enterprise_id
  LEFT JOIN (SELECT m.huolie_enterprise_id enterprise_id, SUM(l.amount_residual) total
               FROM account_move_line l JOIN account_move m ON m.id = l.move_id
              WHERE l.account_id = %(account)s AND l.parent_state = 'posted'
                AND m.huolie_enterprise_id IS NOT NULL
              GROUP BY 1) a ON a.enterprise_id = w.enterprise_id
  LEFT JOIN (SELECT enterprise_id, SUM(amount) total
               FROM huolie_charge WHERE move_id IS NULL GROUP BY 1) c
         ON c.enterprise_id = w.enterprise_id
"""


class HuolieBooksCheck(models.Model):
    """One comparison of the two books, nightly or on demand."""

    _name = "huolie.books.check"
    _description = "Comparison of the books"
    _order = "id desc"
    _rec_name = "create_date"

    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    wallets = fields.Integer(string="Balances compared", readonly=True)
    balance = fields.Monetary(string="Sum of balances", readonly=True)
    entries = fields.Monetary(string="Sum of movements", readonly=True)
    held = fields.Monetary(string="Refunds on hold", readonly=True)
    advance = fields.Monetary(string="Owed in the accounting book", readonly=True)
    uninvoiced = fields.Monetary(string="Charges not invoiced yet", readonly=True)
    different = fields.Integer(string="Differences", readonly=True)
    line_ids = fields.One2many(
        comodel_name="huolie.books.check.line",
        inverse_name="check_id",
        string="Enterprises that differ",
        readonly=True,
    )

    @api.model
    def _run(self):
        """Compare the books of every enterprise and keep the result.

        :return: the comparison; ``line_ids`` has the enterprises that differ
        """
        company = self.env["huolie.enterprise"]._get_billing_company()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(QUERY, account=company.huolie_advance_account_id.id or 0)
        )
        fens = [(row[0], *(money.to_fen(value) for value in row[1:])) for row in rows]
        wrong = [row for row in fens if self._is_wrong(*row[1:])]
        sums = [sum(row[i] for row in fens) for i in range(1, 6)]
        check = self.sudo().create(self._prepare_check_vals(company, fens, sums, wrong))
        if wrong:
            check._tell_finance()
        return check

    @api.model
    def _is_wrong(self, balance, entries, held, advance, uninvoiced):
        return balance != entries or balance + held != advance - uninvoiced

    def _prepare_check_vals(self, company, fens, sums, wrong):
        names = ("balance", "entries", "held", "advance", "uninvoiced")
        return {
            "currency_id": company.currency_id.id,
            "wallets": len(fens),
            "different": len(wrong),
            **{n: money.from_fen(fen) for n, fen in zip(names, sums, strict=True)},
            "line_ids": [
                (
                    0,
                    0,
                    {
                        "enterprise_id": row[0],
                        **{
                            n: money.from_fen(fen)
                            for n, fen in zip(names, row[1:], strict=True)
                        },
                    },
                )
                for row in wrong
            ],
        }

    def _tell_finance(self):
        """Send every finance person a notice about the differences."""
        enterprises = self.env["huolie.enterprise"].sudo()
        house = enterprises.search([("is_house", "=", True)], limit=1)
        count = self.different
        (house or self.line_ids[:1].enterprise_id)._tell_finance(
            lambda env: env._("The books differ"),
            lambda env: env._("%(count)s balances differ. Please look.", count=count),
            "/odoo/action-huolie_billing.huolie_books_check_action",
        )

    @api.model
    def _cron_check(self):
        """Compare every night."""
        self._run()

    def action_run(self):
        """Compare now and show the result (finance, manager); a list's button calls it.

        :raise AccessError: for others
        """
        self.check_access("read")
        check = self._run()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": check.id,
            "views": [(False, "form")],
        }
