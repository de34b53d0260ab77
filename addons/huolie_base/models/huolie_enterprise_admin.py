from odoo import models
from odoo.exceptions import AccessError, UserError


class HuolieEnterprise(models.Model):
    """The administration of an enterprise goes from one person to another (A13)."""

    _inherit = "huolie.enterprise"

    def _move_admin(self, old, new, reason):
        """Give the administration to another person, and tell both.

        :param old: the people who lose it; they become ordinary agents
        :param new: one active person of this enterprise
        :param str reason: for the audit log
        """
        self.ensure_one()
        enterprise, new = self.sudo(), new.sudo()
        if new.enterprise_id != enterprise or not new.active or not new._is_tenant():
            raise UserError(self.env._("Choose an active person of the enterprise."))
        losers = old.sudo() - new
        enterprise._get_ready_role("admin")._assign(new)
        if losers:
            enterprise._get_ready_role("agent")._assign(losers)
        old_names, name = ", ".join(losers.mapped("name")), new.name
        enterprise.with_user(self.env.user)._audit(
            "enterprise.admin", old_names, f"{name} ({reason})", enterprise
        )
        enterprise._notify(
            lambda env: env._("The administration was handed over"),
            lambda env: env._(
                "%(new)s is now the administrator of %(enterprise)s; before:"
                " %(old)s. Was this not wanted? Contact us at once.",
                new=name,
                old=old_names or "-",
                enterprise=enterprise.name,
            ),
            users=losers.filtered("active") | new,
            kind="warning",
        )

    def _check_is_admin(self):
        """Let only people with the ready-made role of administrators pass."""
        self.ensure_one()
        if self.env.user.sudo().huolie_role_id != self._get_ready_role("admin"):
            raise AccessError(
                self.env._("Only an administrator may hand over the administration.")
            )
