from odoo import models


class ResUsers(models.Model):
    """What happens to log-ins is in the audit log: rights, password, switching off."""

    _inherit = "res.users"

    def write(self, vals):
        """Write users, and note what their log-in and their rights became."""
        before = {user: user._get_log_in_facts() for user in self._get_followed(vals)}
        res = super().write(vals)
        rows = [
            (user, name, facts[name], new)
            for user, facts in before.items()
            for name, new in user._get_log_in_facts().items()
            if facts[name] != new
        ]
        self.env["huolie.audit"]._log_changes("user.change", rows)
        if vals.get("password"):
            for user in before:
                user._audit("user.password")
        return res

    def _inverse_token(self):
        """Keep the secret of two-factor sign-in; that it changed is noted."""
        super()._inverse_token()
        for user in self:
            action = "user.totp_on" if user.sudo().totp_secret else "user.totp_off"
            user._audit(action)

    def _get_followed(self, vals):
        """Return the users of these whose changes are noted."""
        if not {"active", "login", "email", "group_ids", "password"} & vals.keys():
            return self.browse()
        users = self.sudo()
        return users.filtered(lambda user: user.enterprise_id or user._is_operator())

    def _get_log_in_facts(self):
        """Return what is followed of a log-in, as texts."""
        user = self.sudo()
        groups = ""
        if not user.share:
            groups = ", ".join(sorted(user._get_operator_groups().mapped("name")))
        return {
            "active": str(user.active),
            "login": user.login or "",
            "email": user.email or "",
            "group_ids": groups,
        }

    def _get_operator_groups(self):
        privilege = self.env.ref("huolie_base.privilege_operator").sudo()
        return self.group_ids.filtered(lambda group: group.privilege_id == privilege)
