from odoo import fields, models
from odoo.exceptions import AccessError, UserError


class HuolieEnterprise(models.Model):
    _inherit = "huolie.enterprise"

    close_asked_at = fields.Datetime(
        string="Closing asked for", readonly=True, copy=False
    )

    def _check_can_close(self):
        """Refuse closing while something is open (billing: money).

        :raise UserError: says what must be done first
        """
        for enterprise in self:
            if enterprise.is_house:
                raise UserError(self.env._("%s cannot be closed now.", enterprise.name))

    def action_ask_close(self):
        """Ask the operator to close the account (admins, A13)."""
        enterprise = self.env.user.sudo().enterprise_id
        if self.env.user not in enterprise._get_admins():
            raise AccessError(self.env._("Only administrators may close the account."))
        enterprise._check_can_close()
        enterprise.close_asked_at = fields.Datetime.now()
        enterprise.with_user(self.env.user)._audit(
            "enterprise.ask_close", None, None, enterprise
        )
        group = self.env.ref("huolie_base.group_operator_manager").sudo()
        name = enterprise.name
        enterprise._notify(
            lambda env: env._("%s asks to close its account", name),
            lambda env: env._("Check that nothing is open, then close it."),
            users=group.all_user_ids.filtered(lambda u: u.active and u.id > 1),
            url=f"/odoo/action-huolie_base.huolie_enterprise_action/{enterprise.id}",
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("We were told and will close the account."),
            },
        }

    def action_close(self):
        """Close the account; its data stay until they are erased (operator manager)."""
        self._check_manager()
        for enterprise in self:
            enterprise._check_can_close()
            enterprise._audit("enterprise.close", enterprise.state, None, enterprise)
            enterprise.sudo().write(
                {"frozen_state": enterprise.frozen_state or enterprise.state}
            )
            enterprise.sudo().state = "closed"
            enterprise._reload_people()
        return True

    def action_reopen(self):
        """Open a closed account again, as it was (operator manager)."""
        self._check_manager()
        for enterprise in self.filtered(lambda e: e.state == "closed"):
            enterprise._audit("enterprise.reopen", None, None, enterprise)
            enterprise.sudo().write(
                {
                    "state": enterprise.frozen_state or "trial",
                    "frozen_state": False,
                    "close_asked_at": False,
                }
            )
        return True
