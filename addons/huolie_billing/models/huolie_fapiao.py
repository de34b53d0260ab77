import re

from stdnum.cn import uscc

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..services import money, slip

LIVE = ("submitted", "accepted", "issued", "delivered")
# What finance writes before it issues, and at any time.
ISSUED = {"number", "issued_on", "file", "file_name"}
NOTES = {"answer", "red_number"}
SIZE = {"dialog_size": "extra-large"}
# Received money that went back.
BACK_DOMAIN = [
    ("kind", "in", ("payout", "recharge")),
    ("state", "in", ("held", "sent", "done")),
]


class HuolieFapiao(models.Model):
    """A request for a fapiao, from the enterprise to finance (B8)."""

    _name = "huolie.fapiao"
    _inherit = ["huolie.money.mixin", "mail.thread"]
    _description = "Fapiao"
    _order = "id desc"
    _rec_name = "title"
    _operator_fields = ("create_uid", "decider_id")

    enterprise_id = fields.Many2one(ondelete="restrict")
    state = fields.Selection(
        selection=[
            ("submitted", "Submitted"),
            ("accepted", "Accepted"),
            ("issued", "Issued"),
            ("delivered", "Delivered"),
            ("rejected", "Rejected"),
            ("red", "Red letter"),
        ],
        default="submitted",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
    )
    kind = fields.Selection(
        selection=[("normal", "Normal fapiao"), ("special", "Special VAT fapiao")],
        required=True,
        readonly=True,
    )
    title = fields.Char(required=True, readonly=True)
    tax_number = fields.Char(string="Tax number", readonly=True)
    address = fields.Char(string="Registered address", readonly=True)
    phone = fields.Char(readonly=True)
    bank = fields.Char(readonly=True)
    bank_number = fields.Char(string="Bank account number", readonly=True)
    email = fields.Char(string="Deliver to", readonly=True)
    note = fields.Char(readonly=True)
    currency_id = fields.Many2one(
        comodel_name="res.currency", required=True, readonly=True
    )
    amount = fields.Monetary(required=True, readonly=True)
    charge_ids = fields.One2many(
        comodel_name="huolie.charge", inverse_name="fapiao_id", readonly=True
    )
    recharge_ids = fields.One2many(
        comodel_name="huolie.recharge", inverse_name="fapiao_id", readonly=True
    )
    number = fields.Char(string="Fapiao number", copy=False, tracking=True)
    issued_on = fields.Date(string="Issued on", copy=False, tracking=True)
    file = fields.Binary(string="Fapiao file", attachment=True, copy=False)
    file_name = fields.Char(string="File name")
    answer = fields.Char(string="Answer to the enterprise", tracking=True)
    red_number = fields.Char(string="Number of the red letter", copy=False)
    decider_id = fields.Many2one(
        comodel_name="res.users",
        string="Handled by",
        readonly=True,
        ondelete="restrict",
        groups="huolie_base.group_operator_finance,huolie_base.group_operator_manager",
    )

    _number_uniq = models.UniqueIndex("(number)", "This fapiao number is used.")

    def write(self, vals):
        """Let finance write only what it finds out, never what was asked for.

        :raise AccessError: for what was asked for, and for what was issued already
        """
        if not self.env.su and not (ISSUED | NOTES).issuperset(vals):
            raise AccessError(self.env._("The request itself cannot be changed."))
        if not self.env.su and ISSUED & vals.keys() and self._is_any_issued():
            raise AccessError(self.env._("What was issued cannot be changed."))
        return super().write(vals)

    def _is_any_issued(self):
        return any(fapiao.state in ("issued", "delivered", "red") for fapiao in self)

    # === THE ENTERPRISE ASKS === #
    @api.model
    def _request(self, enterprise, sources, vals):
        """Ask for a fapiao over charges (or recharges, by policy).

        :param sources: huolie.charge or huolie.recharge records of the enterprise
        :return: the request; its lines are locked so that nothing is issued twice
        """
        sources = sources.sudo()
        # Two requests or a refund at once: one of them is run again.
        enterprise._get_wallet()._touch()
        fen = self._check_sources(enterprise, sources)
        fapiao = self.sudo().create(
            {
                **self._check_vals(vals),
                "enterprise_id": enterprise.id,
                "amount": money.from_fen(fen),
                "currency_id": sources[0].currency_id.id,
            }
        )
        sources.fapiao_id = fapiao
        return fapiao

    @api.model
    def _check_sources(self, enterprise, sources):
        """Return the sum of what a fapiao is asked for, in fen."""
        if sources.enterprise_id != enterprise or any(sources.mapped("fapiao_id")):
            raise UserError(self.env._("Choose amounts without a fapiao."))
        by_charge = sources._name == "huolie.charge"
        if not by_charge and set(sources.mapped("state")) != {"approved"}:
            raise UserError(self.env._("Choose recharges that arrived."))
        name = "amount" if by_charge else "amount_received"
        fen = sum(money.to_fen(source[name]) for source in sources)
        if fen <= 0:
            raise UserError(self.env._("There is no amount for a fapiao."))
        left = self._get_left_fen(enterprise)
        if fen > left:
            raise UserError(
                self.env._(
                    "A fapiao is possible over %s: the rest was paid back or has one.",
                    money.show(max(0, left)),
                )
            )
        return fen

    @api.model
    def _get_left_fen(self, enterprise):
        """Return for how much received money there is no fapiao yet (fen).

        Over both policies: money that came and stayed is on one fapiao at most.
        """
        mine = [("enterprise_id", "=", enterprise.id)]
        found = [
            ("huolie.recharge", "amount_received", [("state", "=", "approved")], 1),
            ("huolie.refund", "amount", BACK_DOMAIN, -1),
            ("huolie.fapiao", "amount", [("state", "in", LIVE)], -1),
        ]
        total = 0
        for model, field, domain, sign in found:
            rows = self.env[model].sudo().search(mine + domain)
            total += sign * sum(money.to_fen(row[field]) for row in rows)
        return total

    @api.model
    def _check_vals(self, vals):
        if not (vals.get("title") or "").strip():
            raise UserError(self.env._("Please write the title of the fapiao."))
        if not uscc.is_valid(vals.get("tax_number") or ""):
            raise UserError(
                self.env._("The tax number is not a valid 18-character code.")
            )
        special = ("address", "phone", "bank", "bank_number")
        if vals["kind"] == "special" and not all(vals.get(key) for key in special):
            raise UserError(
                self.env._(
                    "A special VAT fapiao needs address, phone, bank and account."
                )
            )
        if "@" not in (vals.get("email") or ""):
            raise UserError(self.env._("Please write the e-mail for the fapiao."))
        return {**vals, "tax_number": uscc.compact(vals["tax_number"])}

    # === FINANCE ANSWERS === #
    def action_accept(self):
        """Accept requests: finance issues them in the tax system."""
        self._step("submitted", "accepted")

    def action_issue(self):
        """Mark as issued, with number and file; the enterprise is told."""
        for fapiao in self:
            fapiao._check_issued()
        self._step("accepted", "issued")
        for fapiao in self.sudo():
            fapiao._tell(lambda env: env._("Your fapiao was issued"))

    def action_deliver(self):
        """Mail the file to the address of the request, and mark as delivered."""
        self._step("issued", "delivered")
        for fapiao in self:
            fapiao._mail_file()

    def action_open_issue(self):
        """Open the dialog that issues these requests: number, file, deliver.

        :raise UserError: when none of them waits
        """
        self.env["huolie.recharge"]._check_finance()
        todo = self.filtered(lambda fapiao: fapiao.state in ("submitted", "accepted"))
        if not todo:
            raise UserError(self.env._("None of these requests waits for a fapiao."))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "huolie_billing.huolie_fapiao_issue_action"
        )
        return {**action, "context": {"active_ids": todo.ids, **SIZE}}

    def _issue(self, vals, deliver):
        """Go all the way: accept, issue with number and file, deliver if wished."""
        if self.state == "submitted":
            self.action_accept()
        self.write(vals)
        self.action_issue()
        if deliver:
            self.action_deliver()

    def action_reject(self):
        """Reject with the answer; the amounts are free again."""
        for fapiao in self:
            if not (fapiao.answer or "").strip():
                raise UserError(self.env._("Please write the answer first."))
        self._step(("submitted", "accepted"), "rejected")
        self._free()

    def action_red(self):
        """Record the red letter; the amounts are free again."""
        for fapiao in self:
            if not re.fullmatch(r"\d{20}", fapiao.red_number or ""):
                raise UserError(
                    self.env._(
                        "Please write the number of the red letter first: it has 20"
                        " digits."
                    )
                )
        self._step(("issued", "delivered"), "red")
        self._free()

    def _check_issued(self):
        fault = self._get_number_fault(self.number) or self._get_file_fault(self.file)
        if fault:
            raise UserError(fault)
        if not self.issued_on:
            self.issued_on = self.enterprise_id._get_today()

    def _get_number_fault(self, number):
        """Say what is wrong with a number of 20 digits, or nothing."""
        number = (number or "").strip()
        if not re.fullmatch(r"\d{20}", number):
            return self.env._(
                "A fapiao number has 20 digits; this one has %s characters.",
                len(number),
            )
        # sudo: finance sees all of them, and the number is unique over all
        same = self.sudo().search([("number", "=", number)]) - self
        if same:
            return self.env._(
                "%(number)s is the fapiao of %(title)s already.",
                number=number,
                title=same[0].title,
            )
        return None

    @api.model
    def _get_file_fault(self, content):
        """Say what is wrong with an uploaded file (base64), or nothing."""
        wrong = slip.fault(content, ("pdf", "zip", "xml", "png", "jpg"))
        if wrong == "size":
            return self.env._("The file is larger than 10 MB.")
        if not content or wrong:
            return self.env._("Please upload the fapiao as PDF, OFD, XML or picture.")
        return None

    def _step(self, old, new):
        self.env["huolie.recharge"]._check_finance()
        states = (old,) if isinstance(old, str) else old
        for fapiao in self:
            if fapiao.state not in states:
                raise UserError(
                    self.env._("%s is not in the right state.", fapiao.title)
                )
        for fapiao in self:
            fapiao._audit(f"fapiao.{new}", fapiao.state, f"{fapiao.amount:.2f}")
        self.sudo().write({"state": new, "decider_id": self.env.uid})

    def _free(self):
        for fapiao in self.sudo():
            fapiao.charge_ids.fapiao_id = False
            fapiao.recharge_ids.fapiao_id = False
            fapiao._tell(lambda env: env._("Your fapiao request was answered"))

    def _mail_file(self):
        """Mail the file to the address that the enterprise wrote down."""
        fapiao = self.sudo()
        lang = fapiao.enterprise_id.partner_id.lang or self.env.lang
        fapiao = fapiao.with_context(lang=lang)
        mail = self.env["mail.mail"].sudo().create(fapiao._prepare_mail_vals())
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
        return mail

    def _prepare_mail_vals(self):
        company = self.env["huolie.enterprise"]._get_billing_company()
        name = self.file_name or f"{self.number}.pdf"
        return {
            "subject": self.env._(
                "Fapiao %(number)s of %(seller)s",
                number=self.number,
                seller=company.name,
            ),
            "body_html": self.env["ir.qweb"]._render(
                "huolie_billing.fapiao_mail",
                {"fapiao": self, "company": company, "show": money.show},
                lang=self.env.lang,
            ),
            "email_to": self.email,
            "email_from": company.email_formatted or self.env.user.email_formatted,
            "attachment_ids": [(0, 0, {"name": name, "datas": self.file})],
            "auto_delete": True,
        }

    def _tell(self, subject):
        title, answer = self.title, self.answer or self.number or ""
        self.enterprise_id._notify(
            subject,
            lambda env: env._("%(title)s: %(answer)s", title=title, answer=answer),
            url="/odoo/action-huolie_billing.huolie_fapiao_action_mine",
        )
