from odoo import api, fields, models
from odoo.exceptions import UserError


class HuolieEnterprise(models.Model):
    """Frozen for a breach of the terms, or held: nothing may be deleted (A6)."""

    _inherit = "huolie.enterprise"

    freeze_reason = fields.Selection(
        string="Freeze reason",
        selection="_get_freeze_reasons",
        readonly=True,
        copy=False,
        tracking=True,
    )
    freeze_text = fields.Text(string="Explanation", readonly=True, copy=False)
    frozen_state = fields.Selection(
        selection=[("trial", "Trial"), ("formal", "Formal")],
        string="State before freezing",
        readonly=True,
        copy=False,
    )
    legal_hold = fields.Boolean(
        string="Legal hold",
        readonly=True,
        copy=False,
        tracking=True,
        help="Nothing of this enterprise may be deleted or erased.",
    )

    @api.model
    def _get_freeze_reasons(self):
        return [
            ("drugs", self.env._("Drugs")),
            ("pornography", self.env._("Pornography")),
            ("gambling", self.env._("Gambling")),
            ("contraband", self.env._("Contraband")),
            ("counterfeit", self.env._("Counterfeit goods")),
            ("fraud", self.env._("Fraud")),
            ("other", self.env._("Other breach of the terms")),
        ]

    def _freeze(self, reason, text):
        """Freeze with a reason: its people are told, its widget vanishes."""
        self._check_manager()
        for enterprise in self:
            if enterprise.is_house or enterprise.state in ("frozen", "closed"):
                raise UserError(self.env._("%s cannot be frozen now.", enterprise.name))
            enterprise.sudo().write(
                {
                    "frozen_state": enterprise.state,
                    "state": "frozen",
                    "freeze_reason": reason,
                    "freeze_text": text,
                }
            )
            enterprise._audit("enterprise.freeze", None, reason, enterprise)
            enterprise._reload_people()
            enterprise.sudo()._notify(
                lambda env: env._("Your enterprise was frozen"),
                lambda env, rec=enterprise: rec.with_env(env)._get_freeze_sentence(),
                kind="danger",
            )

    def _get_freeze_sentence(self):
        """Say in words why the enterprise is frozen."""
        label = dict(self._get_freeze_reasons()).get(self.freeze_reason, "")
        return self.env._(
            "%(reason)s. %(text)s", reason=label, text=self.freeze_text or ""
        ).strip()

    def action_unfreeze(self):
        """Give a frozen enterprise back what it had (operator manager)."""
        self._check_manager()
        for enterprise in self.sudo().filtered(lambda e: e.state == "frozen"):
            enterprise.write(
                {
                    "state": enterprise.frozen_state or "trial",
                    "frozen_state": False,
                    "freeze_reason": False,
                    "freeze_text": False,
                }
            )
            enterprise._audit("enterprise.unfreeze", None, None, enterprise)
            enterprise._reload_people()
            enterprise._notify(
                lambda env: env._("Your enterprise works again"),
                lambda env: env._("The freeze was lifted; all your data is there."),
            )
        return True

    def _reload_people(self):
        """Make the open pages of all people load again: they see the new state."""
        users = self.env["res.users"].sudo()
        users.search([("enterprise_id", "in", self.ids)])._tell_rights_changed()

    def action_hold(self):
        """Stop every deletion in this enterprise (operator manager)."""
        self._check_manager()
        for enterprise in self.sudo():
            enterprise.legal_hold = not enterprise.legal_hold
            enterprise._audit(
                "enterprise.hold", None, str(enterprise.legal_hold), enterprise
            )
        return True
