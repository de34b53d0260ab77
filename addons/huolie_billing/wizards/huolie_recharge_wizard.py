import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..services import flood, money, slip


class HuolieRechargeWizard(models.TransientModel):
    """The page 立即充值: how to pay, how much; a transfer is filed for finance."""

    _name = "huolie.recharge.wizard"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Recharge now"

    method = fields.Selection(
        selection="_selection_method",
        required=True,
        default=lambda self: self._selection_method()[0][0],
    )
    # Text, so that what was typed wrongly stays and is answered in words.
    amount = fields.Char(string="Amount to recharge", default="")
    payer_name = fields.Char(string="Payer")
    paid_on = fields.Date(string="Paid on", default=fields.Date.context_today)
    slip = fields.Binary(string="Bank slip")
    slip_name = fields.Char(string="Slip name")
    # What was to be bought when the money was missing (JSON), to go on with it.
    resume = fields.Char()
    minimum = fields.Char(compute="_compute_help")
    help = fields.Html(string="How to pay", compute="_compute_help", sanitize=False)

    @api.model
    def _selection_method(self):
        """Offer the gateways that work, and always the bank transfer."""
        providers = self.env["payment.provider"]
        ways = [("wechat", self.env._("WeChat Pay")), ("alipay", self.env._("Alipay"))]
        offered = [way for way in ways if providers._get_huolie_provider(way[0])]
        return [*offered, ("transfer", self.env._("Bank transfer"))]

    @api.model
    def default_get(self, fields):
        """Open the page for verified enterprises only.

        :raise AccessError: without the right to manage the account
        :raise UserError: when the enterprise is not verified
        """
        enterprise = self._get_enterprise()
        enterprise._check_can_recharge()
        values = super().default_get(fields)
        values.setdefault("payer_name", enterprise._get_verified_name())
        return values

    @api.model
    def _get_enterprise(self):
        user = self.env.user
        if not user.has_group("huolie_base.group_account_do") or not user.enterprise_id:
            raise AccessError(self.env._("You may not recharge."))
        return user.enterprise_id

    @api.depends("method")
    @api.depends_context("lang", "uid")
    def _compute_help(self):
        enterprise = self.env.user.enterprise_id
        config = self.env["huolie.billing.config"]._get()
        accounts = self.env["huolie.bank.account"].sudo().search([])
        code = enterprise._get_remark_code() if enterprise else ""
        for wizard in self:
            method = wizard.method or "transfer"
            fen = config._get_minimum(method)
            wizard.minimum = self.env._(
                "At least %(minimum)s. %(reason)s",
                minimum=enterprise._show_money(fen) if enterprise else money.show(fen),
                reason=config._get_minimum_reason(method),
            )
            wizard.help = wizard.method == "transfer" and self.env["ir.qweb"]._render(
                "huolie_billing.transfer_help", {"accounts": accounts, "code": code}
            )

    @api.onchange("method")
    def _onchange_method(self):
        """Raise an amount that was proposed to the minimum of this way of paying."""
        if not self.resume or not self.amount:
            return
        try:
            fen = money.parse(self.amount)
        except money.AmountError:
            return
        config = self.env["huolie.billing.config"]._get()
        self.amount = money.plain(max(fen, config._get_minimum(self.method)))

    @api.model
    def _get_page(self, fen, resume=None, **values):
        """Return the action of this page with an amount proposed.

        :param int fen: the amount; raised to the minimum
        :param dict resume: what was to be bought, to go on with it afterwards
        :param values: other values proposed, e.g. ``method``
        """
        method = values.setdefault("method", self._selection_method()[0][0])
        if method not in dict(self._selection_method()):
            method = values["method"] = "transfer"
        config = self.env["huolie.billing.config"]._get()
        values["amount"] = money.plain(max(fen, config._get_minimum(method)))
        if resume:
            values["resume"] = json.dumps(resume)
        action = self.env["ir.actions.actions"]._for_xml_id(
            "huolie_billing.huolie_recharge_wizard_action"
        )
        given = {f"default_{name}": value for name, value in values.items() if value}
        return {**action, "context": given}

    def action_back(self):
        """Go back to the page of what was to be bought.

        :return: its action
        """
        self.ensure_one()
        self._get_enterprise()
        recharges = self.env["huolie.recharge"]
        return recharges._get_resume_action(recharges._read_resume(self.resume))

    def action_confirm(self):
        """File the transfer (or open the online payment).

        :return: action that shows the recharge
        :raise UserError: says which value is wrong; the typed values stay
        """
        self.ensure_one()
        enterprise = self._get_enterprise()
        enterprise._check_can_recharge()
        recharge = getattr(self, f"_confirm_{self.method}")(enterprise)
        return recharge._get_action_mine()

    def _confirm_transfer(self, enterprise):
        fen = self._read_amount()
        self._check_transfer()
        return enterprise._file_transfer(
            fen,
            {
                "payer_name": self.payer_name.strip(),
                "paid_on": self.paid_on,
                "slip": self.slip,
                "slip_name": self.slip_name,
                "resume": self._get_resume(),
            },
        )

    def _confirm_wechat(self, enterprise):
        fen = self._read_amount()
        return self._open_online(enterprise, fen)

    def _confirm_alipay(self, enterprise):
        fen = self._read_amount()
        return self._open_online(enterprise, fen)

    def _open_online(self, enterprise, fen):
        if flood.take("order", self.env.cr.dbname, enterprise.id):
            raise UserError(
                self.env._(
                    "Many payments were begun in the last minutes. Pay one that is"
                    " open, or wait ten minutes."
                )
            )
        recharges = self.env["huolie.recharge"]
        return recharges._open_online(enterprise, self.method, fen, self._get_resume())

    def _get_resume(self):
        """Return what was to be bought as it is kept: sound, or nothing."""
        resume = self.env["huolie.recharge"]._read_resume(self.resume)
        return json.dumps(resume) if resume else False

    def _check_transfer(self):
        if not (self.payer_name or "").strip():
            raise UserError(self.env._("Please write who paid."))
        today = self.env["huolie.enterprise"]._get_today()
        if not self.paid_on or self.paid_on > today:
            raise UserError(self.env._("Please choose the day you paid."))
        wrong = slip.fault(self.slip) if self.slip else None
        if wrong == "size":
            raise UserError(self.env._("The bank slip is larger than 10 MB."))
        if wrong:
            raise UserError(
                self.env._("The bank slip must be a picture (PNG, JPG) or a PDF.")
            )

    def _read_amount(self):
        """Return the fen that were typed.

        :raise UserError: in words what is wrong with it
        """
        try:
            fen = money.parse(self.amount)
        except money.AmountError as error:
            raise UserError(self._get_amount_message(error.code)) from error
        config = self.env["huolie.billing.config"]._get()
        least = config._get_minimum(self.method)
        if fen < least:
            raise UserError(
                self.env._(
                    "The smallest recharge is %(least)s. %(reason)s",
                    least=self._get_enterprise()._show_money(least),
                    reason=config._get_minimum_reason(self.method),
                )
            )
        return fen

    def _get_amount_message(self, code):
        messages = {
            "empty": self.env._("Please write the amount."),
            "not_number": self.env._(
                "“%(text)s” is not an amount. Write it like 1000 or 1000.00.",
                text=self.amount,
            ),
            "too_fine": self.env._("An amount has two decimals at most."),
            "not_positive": self.env._("The amount must be more than 0."),
            "too_big": self.env._("This amount is too big for one recharge."),
        }
        return messages[code]
