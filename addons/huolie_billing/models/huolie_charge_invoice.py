import logging
from functools import partial

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ..services import money

_logger = logging.getLogger(__name__)
BATCH = 100


class HuolieCharge(models.Model):
    """Accounting book: one customer invoice per enterprise and period."""

    _inherit = "huolie.charge"

    @api.model
    def _cron_invoice(self):
        """Invoice the charges of past months, batch by batch, each committed."""
        before = self.env["huolie.enterprise"]._get_today().replace(day=1)
        ids = self._find_to_invoice(before)
        self.env["ir.cron"]._commit_progress(remaining=len(ids))
        for begin in range(0, len(ids), BATCH):
            chunk = ids[begin : begin + BATCH]
            self.env["huolie.enterprise"]._run_again(
                partial(self._invoice_chunk, chunk, before)
            )
            if not self.env["ir.cron"]._commit_progress(len(chunk)):
                break

    @api.model
    def _find_to_invoice(self, before):
        """Return the ids of enterprises with charges before a day and no invoice."""
        groups = self.sudo()._read_group(
            self._get_open_domain(before), ["enterprise_id"]
        )
        return [enterprise.id for (enterprise,) in groups]

    @api.model
    def _get_open_domain(self, before):
        return Domain("move_id", "=", False) & Domain("charged_on", "<", before)

    @api.model
    def _invoice_chunk(self, ids, before):
        """Invoice a batch; when one is bad, one by one, so that the others go on."""
        enterprises = self.env["huolie.enterprise"].sudo().browse(ids)
        try:
            with self.env.cr.savepoint():
                self._invoice(enterprises, before)
        except OperationalError:
            raise
        except Exception:
            _logger.info("a batch of invoices failed, going one by one")
            for enterprise in enterprises:
                self._invoice_one(enterprise, before)

    def _invoice_one(self, enterprise, before):
        try:
            with self.env.cr.savepoint():
                self._invoice(enterprise, before)
        except OperationalError:
            raise
        except Exception as problem:
            _logger.info("invoice of %s failed: %s", enterprise.code, problem)
            enterprise._get_wallet().invoice_error = str(problem)[:500]

    @api.model
    def _invoice(self, enterprises, before):
        """Create, post and reconcile one invoice for each enterprise and month.

        :param before: China date; charges of this day and later wait
        :return: the invoices
        """
        company = enterprises._get_billing_company()
        domain = self._get_open_domain(before)
        domain &= Domain("enterprise_id", "in", enterprises.ids)
        charges = self.sudo().search(domain, order="enterprise_id, id")
        if not charges:
            return self.env["account.move"]
        moves = self.env["account.move"].sudo().with_company(company)
        moves = moves.with_context(tracking_disable=True, mail_create_nolog=True)
        parts = charges.grouped(lambda charge: charge._get_period())
        invoices = moves.create(
            [
                self._prepare_invoice_vals(enterprise, rows)
                for (enterprise, _month), rows in parts.items()
            ]
        )
        for invoice, rows in zip(invoices, parts.values(), strict=True):
            rows._check_total(invoice)
            rows.move_id = invoice
        invoices.action_post()
        self._reconcile(invoices)
        wallets = enterprises.sudo().wallet_ids
        wallets.filtered("invoice_error").invoice_error = False
        return invoices

    def _get_period(self):
        """Return what an invoice is made for: enterprise and first day of the month."""
        return self.enterprise_id, self.charged_on.replace(day=1)

    def _check_total(self, invoice):
        total = self._sum_fen()
        sign = -1 if invoice.move_type == "out_refund" else 1
        if sign * money.to_fen(invoice.amount_total) != total:
            raise UserError(
                self.env._(
                    "The invoice's total %(invoice)s is not the charges' %(total)s."
                    " Check the tax of the services.",
                    invoice=invoice.amount_total,
                    total=money.show(total),
                )
            )

    def _sum_fen(self):
        return sum(money.to_fen(charge.amount) for charge in self)

    @api.model
    def _prepare_invoice_vals(self, enterprise, charges):
        company = enterprise._get_billing_company()
        enterprise._get_advance_account()
        env = enterprise._with_own_lang().env
        charges = charges.with_context(lang=env.lang)
        back = charges._sum_fen() < 0
        last = max(charges.mapped("charged_on"))
        return {
            "move_type": "out_refund" if back else "out_invoice",
            "partner_id": enterprise.partner_id.id,
            "company_id": company.id,
            "currency_id": charges[0].currency_id.id,
            "journal_id": company._get_huolie_sale_journal().id,
            "invoice_date": last,
            "invoice_date_due": last,
            "invoice_payment_term_id": False,
            "huolie_enterprise_id": enterprise.id,
            "ref": env._("Service %(month)s", month=last.strftime("%Y-%m")),
            "invoice_line_ids": [
                Command.create(charge._prepare_invoice_line_vals(-1 if back else 1))
                for charge in charges
            ],
        }

    def _prepare_invoice_line_vals(self, sign):
        company = self.enterprise_id._get_billing_company()
        return {
            "product_id": self._get_product().id,
            "name": self._get_invoice_text(),
            "quantity": 1,
            "price_unit": sign * self.amount,
            "tax_ids": [Command.set(company._get_huolie_tax().ids)],
        }

    def _get_product(self):
        """Return the product of the service, for the income account and reports."""
        xmlid = f"huolie_billing.product_{self.service}"
        product = self.env.ref(xmlid, raise_if_not_found=False)
        return (product or self.env.ref("huolie_billing.product_seat")).sudo()

    @api.model
    def _reconcile(self, moves):
        """Match invoices with the enterprises' money on the advance account."""
        lines = self.env["account.move.line"].sudo()
        account = moves.company_id._get_huolie_advance_account()
        found = lines.search(
            [
                ("account_id", "=", account.id),
                ("partner_id", "in", moves.line_ids.partner_id.ids),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("move_id.huolie_enterprise_id", "!=", False),
            ],
            order="date, id",
        )
        # Two enterprises may share a partner: after a merge of partners.
        parts = found.grouped(lambda line: line.move_id.huolie_enterprise_id)
        plan = [
            rows
            for rows in parts.values()
            if len({line.balance > 0 for line in rows}) == 2
        ]
        if plan:
            lines._reconcile_plan(plan)

    def action_invoice_now(self):
        """Invoice the chosen charges' enterprises up to today (finance).

        :raise AccessError: when the user is not finance
        """
        self.env["huolie.recharge"]._check_finance()
        tomorrow = fields.Date.add(self.env["huolie.enterprise"]._get_today(), days=1)
        for enterprise in self.enterprise_id:
            self._invoice(enterprise, tomorrow)
