import json

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError

from ..services import money

PAGES = ("open", "renew")


class HuolieRecharge(models.Model):
    """What the enterprise sees of its recharge, and where it goes on from there."""

    _inherit = "huolie.recharge"

    # What was to be bought when the money was missing (JSON), to go on with it.
    resume = fields.Char(readonly=True, copy=False)
    transfer_help = fields.Html(
        string="How to transfer", compute="_compute_transfer_help", sanitize=False
    )

    @api.depends("method", "state", "code")
    @api.depends_context("lang")
    def _compute_transfer_help(self):
        for recharge in self:
            shown = recharge.method == "transfer" and recharge.state == "filed"
            recharge.transfer_help = shown and recharge._render_transfer_help()

    def _render_transfer_help(self):
        accounts = self.env["huolie.bank.account"].sudo().search([])
        values = {"accounts": accounts, "code": self.code, "filed": True}
        return self.env["ir.qweb"]._render("huolie_billing.transfer_help", values)

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Give people of enterprises their own pages, also at a bare address."""
        if not view_id and view_type in ("list", "form") and self.env.user._is_tenant():
            name = f"huolie_billing.huolie_recharge_view_{view_type}_mine"
            view_id = self.env.ref(name).id
        return super()._get_view(view_id, view_type, **options)

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return (*key, self.env.user._is_tenant())

    def _get_action_mine(self):
        """Return the action that shows this recharge; its address can be reloaded."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "huolie_billing.huolie_recharge_action_mine"
        )
        view = self.env.ref("huolie_billing.huolie_recharge_view_form_mine")
        return {**action, "res_id": self.id, "views": [(view.id, "form")]}

    def _get_url(self):
        action = "/odoo/action-huolie_billing.huolie_recharge_action_mine"
        return f"{action}/{self.id}"

    # === GOING ON === #
    def action_again(self):
        """Open the recharge page with what was typed for this one.

        :return: action of the page
        """
        self.ensure_one()
        self.check_access("read")
        values = {"method": self.method, "payer_name": self.payer_name}
        return self.env["huolie.recharge.wizard"]._get_page(
            money.to_fen(self.amount), self._read_resume(self.resume), **values
        )

    def action_resume(self):
        """Open the page of what was to be bought when the money was missing.

        :raise AccessError: without the right to manage the account
        :return: action of the page, with the same seats, services and months
        """
        self.ensure_one()
        if not self.env.user.has_group("huolie_base.group_account_do"):
            raise AccessError(self.env._("You may not do this."))
        self.check_access("read")
        return self._get_resume_action(self._read_resume(self.resume))

    @api.model
    def _get_resume_action(self, resume):
        """Return the action of a page to buy at, as it was left.

        :param dict resume: ``page seats robot months``; empty: open service
        """
        page = resume.get("page") or "open"
        action = self.env["ir.actions.actions"]._for_xml_id(
            f"huolie_billing.huolie_{page}_wizard_action"
        )
        if resume:
            wizard = self.env[f"huolie.{page}.wizard"]
            seats = wizard._get_choices().filtered(lambda s: s.id in resume["seats"])
            action["context"] = {
                "default_seat_ids": [Command.set(seats.ids)],
                "default_with_robot": resume["robot"],
                "default_months": resume["months"],
            }
        return action

    @api.model
    def _forget_resumes(self, enterprise):
        """Offer no recharge's purchase any more: a second click would buy again."""
        kept = [("enterprise_id", "=", enterprise.id), ("resume", "!=", False)]
        self.sudo().search(kept).resume = False

    @api.model
    def _read_resume(self, text):
        """Return what a page left to go on with; empty when it is not sound.

        It went through the browser: only known values are taken.
        """
        try:
            data = json.loads(text or "")
        except ValueError:
            return {}
        if not isinstance(data, dict) or data.get("page") not in PAGES:
            return {}
        seats = data.get("seats")
        months = str(data.get("months"))
        return {
            "page": data["page"],
            "seats": [n for n in seats if type(n) is int]
            if isinstance(seats, list)
            else [],
            "robot": bool(data.get("robot")),
            "months": months if months in ("1", "3", "6", "12") else "1",
        }
