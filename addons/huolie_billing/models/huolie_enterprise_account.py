from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..services import money, remark
from .huolie_recharge import OPEN

# Pages that do something: for those who manage the account, not who only see it.
DOING = (
    "huolie_recharge_wizard_action",
    "huolie_open_wizard_action",
    "huolie_renew_wizard_action",
    "huolie_fapiao_wizard_action",
)


class HuolieEnterprise(models.Model):
    """What the screens of 账户管理 show and do; tenants have no right to account.*."""

    _inherit = "huolie.enterprise"

    balance = fields.Monetary(
        compute="_compute_balance",
        compute_sudo=True,
        currency_field="billing_currency_id",
        groups="huolie_base.group_account_see,huolie_base.group_operator_finance,"
        "huolie_base.group_operator_manager",
    )
    billing_currency_id = fields.Many2one(
        string="Billing currency",
        comodel_name="res.currency",
        compute="_compute_balance",
        compute_sudo=True,
    )
    # Shown before a transfer is filed, and taken by the next one that is.
    next_remark_code = fields.Char(
        string="Next remark code", readonly=True, copy=False, index="btree_not_null"
    )

    def _compute_balance(self):
        self.env["huolie.wallet"].invalidate_model(["balance"])
        for enterprise in self:
            wallet = enterprise.wallet_ids[:1]
            enterprise.balance = wallet.balance
            enterprise.billing_currency_id = (
                wallet.currency_id or enterprise._get_billing_company().currency_id
            )

    def _show_money(self, fen):
        """Return an amount as people of the enterprise read it, ``¥1,000.00``."""
        return money.show(fen, self.sudo()._get_wallet().currency_id.symbol or "")

    def _tell_finance(self, subject, body, url=None):
        """Send every finance person of the operator a notice about the enterprise."""
        group = self.env.ref("huolie_base.group_operator_finance")
        people = self.env["res.users"].sudo()
        users = people.search([("all_group_ids", "in", group.ids)])
        return self._notify(subject, body, users=users, url=url, kind="danger")

    def _get_verified_name(self):
        """Return the name of the business licence (the enterprise's own name)."""
        self.ensure_one()
        return self.legal_name or self.name

    # === RECHARGE === #
    def _check_can_recharge(self):
        """Only verified enterprises recharge (B1).

        :raise UserError: says what to do first
        """
        self.ensure_one()
        if not self.verified:
            raise UserError(
                self.env._(
                    "Recharge is open to verified enterprises."
                    " Please have your enterprise verified first (Settings › Account)."
                )
            )
        if not self._can_recharge():
            raise UserError(self.env._("This account is frozen or closed."))

    def _can_recharge(self):
        return self.verified and self.state not in ("frozen", "closed")

    def _get_remark_code(self):
        """Return the code to write into the next transfer; stays until it is filed."""
        self.ensure_one()
        enterprise = self.sudo()
        if not enterprise.next_remark_code:
            enterprise.next_remark_code = enterprise._new_remark_code()
        return enterprise.next_remark_code

    def _new_remark_code(self):
        recharges = self.env["huolie.recharge"].sudo()
        while True:
            code = remark.new()
            taken = recharges.search_count([("code", "=", code)], limit=1)
            if not taken and not self.sudo().search_count(
                [("next_remark_code", "=", code)], limit=1
            ):
                return code

    def _file_transfer(self, fen, vals):
        """File a bank transfer for finance to approve (B2).

        :param int fen: amount declared
        :param dict vals: ``payer_name payer_account paid_on slip slip_name``
        :return: the recharge
        """
        self._check_can_recharge()
        code = self._get_remark_code()
        self.sudo().next_remark_code = False
        account = self.env["huolie.bank.account"].sudo().search([], limit=1)
        return (
            self.env["huolie.recharge"]
            .sudo()
            .create(
                {
                    **vals,
                    "enterprise_id": self.id,
                    "code": code,
                    "method": "transfer",
                    "state": "filed",
                    "amount": money.from_fen(fen),
                    "currency_id": self._get_wallet().currency_id.id,
                    "bank_account_id": vals.get("bank_account_id") or account.id,
                    "filer_id": self.env.uid,
                }
            )
        )

    # === BUTTONS === #
    def action_set_auto_renew(self):
        """Switch automatic renewal on or off for the own enterprise (B6).

        :raise AccessError: without the right to manage the account
        """
        if not self.env.user.has_group("huolie_base.group_account_do"):
            raise AccessError(self.env._("You may not change this."))
        self.check_access("read")
        for enterprise in self:
            enterprise.sudo().auto_renew = not enterprise.auto_renew

    # === HOOKS OF THE BASE === #
    def _check_can_close(self):
        """Refuse to close an account whose money is not settled (A13).

        :raise UserError: names the balance, or what is on its way
        """
        super()._check_can_close()
        for enterprise in self.sudo():
            if enterprise.balance > 0:
                raise UserError(
                    self.env._(
                        "%(name)s still has a balance of %(balance).2f:"
                        " refund it first.",
                        name=enterprise.name,
                        balance=enterprise.balance,
                    )
                )
            if enterprise._has_money_on_its_way():
                raise UserError(
                    self.env._(
                        "%(name)s has a recharge or a refund that is not decided yet:"
                        " wait until finance has dealt with it.",
                        name=enterprise.name,
                    )
                )

    def _has_money_on_its_way(self):
        mine = Domain("enterprise_id", "=", self.id)
        coming = mine & Domain("state", "in", ("waiting", *OPEN))
        going = mine & Domain("state", "in", ("requested", "held", "sent"))
        return bool(
            self.env["huolie.recharge"].sudo().search_count(coming, limit=1)
            or self.env["huolie.refund"].sudo().search_count(going, limit=1)
        )

    def _get_home_steps(self):
        steps = super()._get_home_steps()
        if self.is_house:
            return steps
        steps.append(
            {
                "key": "recharge",
                "label": self.env._("Recharge your balance"),
                "done": self._has_recharged(),
                "wait": not self.verified and self.env._("after the verification"),
                "action": "huolie_billing.huolie_recharge_wizard_action",
                "group": "huolie_base.group_account_do",
                "sequence": 50,
            }
        )
        steps.append(
            {
                "key": "open",
                "label": self.env._("Open service for your seats"),
                "done": bool(self.service_end),
                "wait": self.state == "trial" and self.env._("after the recharge"),
                "action": "huolie_billing.huolie_open_wizard_action",
                "group": "huolie_base.group_account_do",
                "sequence": 70,
            }
        )
        return steps

    def _get_account_blocks(self):
        blocks = super()._get_account_blocks()
        if self.is_house:
            return blocks
        return blocks + [
            self._get_balance_block(),
            self._get_service_block(),
            self._get_fapiao_block(),
        ]

    def _make_block(self, key, title, sequence, lines, buttons):
        """Return one block of the account page.

        :param buttons: tuples ``(label, action of this addon, primary)``; pages that
            do something are offered to those who may
        """
        may = self.env.user.has_group("huolie_base.group_account_do")
        return {
            "key": key,
            "title": title,
            "sequence": sequence,
            "values": {
                "lines": lines,
                "buttons": [
                    {
                        "label": label,
                        "action": f"huolie_billing.{action}",
                        "primary": primary,
                    }
                    for label, action, primary in buttons
                    if may or action not in DOING
                ],
            },
        }

    def _get_balance_block(self):
        balance = self._show_money(self._get_balance_fen())
        lines = [{"label": self.env._("Balance"), "value": balance}]
        return self._make_block(
            "balance",
            self.env._("Balance"),
            30,
            lines + self._get_forecast_lines(),
            (
                (self.env._("Recharge now"), "huolie_recharge_wizard_action", True),
                (self.env._("Recharges"), "huolie_recharge_action_mine", False),
                (self.env._("Statement"), "huolie_wallet_entry_action_mine", False),
                (
                    self.env._("Monthly statement"),
                    "huolie_statement_page_action",
                    False,
                ),
            ),
        )

    def _get_forecast_lines(self):
        return []

    def _get_service_block(self):
        running = self._is_running()
        return self._make_block(
            "service",
            self.env._("Services"),
            40,
            self._get_service_lines(),
            (
                (self.env._("Open service"), "huolie_open_wizard_action", not running),
                (self.env._("Renew"), "huolie_renew_wizard_action", running),
                (self.env._("Charges"), "huolie_charge_action_mine", False),
            ),
        )

    def _get_service_lines(self):
        served = self.seat_ids.filtered(lambda seat: seat._is_served())
        ends = self.service_end
        labels = dict(self.env["huolie.price"]._selection_service())
        lines = [
            {
                "label": self.env._("Service ends"),
                # The first day without service: its first minute is the end.
                "value": f"{ends} 00:00" if ends else self.env._("not opened yet"),
                "tone": "" if self._is_running() or not ends else "bad",
            },
            {"label": self.env._("Seats in service"), "value": str(len(served))},
        ]
        for service in self.sudo().bought_service_ids:
            on = service._is_on()
            lines.append(
                {
                    "label": labels.get(service.code, service.code),
                    "value": self.env._("on") if on else self.env._("off"),
                }
            )
        renew = self.env._("on") if self.auto_renew else self.env._("off")
        lines.append({"label": self.env._("Automatic renewal"), "value": renew})
        return lines

    def _get_fapiao_block(self):
        return self._make_block(
            "fapiao",
            self.env._("Fapiao"),
            60,
            [],
            (
                (
                    self.env._("Ask for a fapiao"),
                    "huolie_fapiao_wizard_action",
                    False,
                ),
                (self.env._("My fapiao"), "huolie_fapiao_action_mine", False),
            ),
        )
