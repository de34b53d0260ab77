from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..services import life


class HuolieEnterprise(models.Model):
    """Pages of the web client: home (A11), account, and how to reach us (A12)."""

    _inherit = "huolie.enterprise"

    # === HOME === #
    @api.model
    def get_home_page(self):
        """Return what the home page shows (every person of an enterprise, A11)."""
        enterprise = self._get_own()
        steps = [s for s in enterprise._get_home_steps() if self._may_do_step(s)]
        steps.sort(key=lambda step: step["sequence"])
        may_account = self.env.user.has_group("huolie_base.group_account_see")
        return {
            **enterprise._prepare_card(),
            "steps": steps,
            "may_account": may_account,
        }

    @api.model
    def _may_do_step(self, step):
        group = step.get("group")
        return not group or self.env.user.has_group(group)

    def _get_home_steps(self):
        """Return the getting-started checklist of the home page (A11).

        Each ``key label done sequence``, what its button opens (``action`` xmlid,
        ``url``, or ``call``: a method here that returns an action), the ``group``
        without which the step is not shown, and ``wait``: what must come before.
        """
        self.ensure_one()
        return [
            {
                "key": "verify",
                "label": self.env._("Have your enterprise verified"),
                "done": self.verified,
                "call": "action_verification",
                "group": "huolie_base.group_account_see",
                "sequence": 40,
            },
            {
                "key": "seats",
                "label": self.env._("Add seats for your colleagues"),
                "done": len(self.seat_ids) > 1,
                "wait": self.state == "trial" and self._get_seats_wait(),
                "action": "huolie_base.huolie_seat_action",
                "group": "huolie_base.group_seat_see",
                "sequence": 60,
            },
        ]

    def _get_seats_wait(self):
        """Say what a trial account must do before it may add seats."""
        if self._is_billed():
            return self.env._("after the recharge")
        return self.env._("after the verification")

    # === ACCOUNT === #
    @api.model
    def get_account_page(self):
        """Return what 账户管理 shows (account module, see)."""
        if not self.env.user.has_group("huolie_base.group_account_see"):
            raise AccessError(self.env._("Your role does not include the account."))
        enterprise = self._get_own()
        blocks = enterprise._get_account_blocks()
        return {
            **enterprise._prepare_card(),
            "legal_name": enterprise.legal_name or "",
            "credit_code": enterprise.credit_code or "",
            "verification": enterprise._prepare_verification(),
            "can_do": self.env.user.has_group("huolie_base.group_account_do"),
            "may_account": True,
            "blocks": sorted(blocks, key=lambda block: block["sequence"]),
        }

    def _get_account_blocks(self):
        """Return the blocks of 账户管理: ``key title template values sequence``.

        Without ``template`` a block shows ``values["lines"]`` (``label value tone``)
        and ``values["buttons"]`` (``label action|url primary``).
        """
        return []

    # === WHAT BOTH SHOW === #
    def _prepare_card(self):
        self.ensure_one()
        stage = self._get_stage()
        until = self.trial_until if stage == "trial" else self.service_until
        return {
            "id": self.id,
            "name": self.name,
            "code": self.code,
            "state": self.state,
            "state_label": self._get_label("state"),
            "stage": stage,
            "stage_label": dict(self._fields["stage"]._description_selection(self.env))[
                stage
            ],
            "days_left": life.days_left(until, fields.Datetime.now()),
            "until": fields.Datetime.to_string(until) if until else False,
            "verified": self.verified,
            "contact_url": self._get_contact_url(),
        }

    def _get_label(self, name):
        labels = dict(self._fields[name]._description_selection(self.env))
        return labels.get(self[name], "")

    @api.model
    def _get_contact_url(self):
        """Return where "contact us" leads (widget: a chat with the house; A12)."""
        email = self.env.company.sudo().email
        return f"mailto:{email}" if email else False

    @api.model
    def get_contact(self):
        """Return how a person of an enterprise reaches the operator (A12).

        ``url``; with huolie_widget also ``script key who facts``: the house's widget,
        and the signed identity that it says hello with.
        """
        return self._get_own()._prepare_contact()

    def _prepare_contact(self):
        return {"url": self._get_contact_url()}
