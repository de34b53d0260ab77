from odoo import api, models, tools
from odoo.exceptions import AccessDenied

# What a person of an enterprise may write of its own user; the rest is the server's.
SELF_WRITABLE = {
    "name",
    "email",
    "phone",
    "lang",
    "tz",
    "image_1920",
    "signature",
}


class ResUsers(models.Model):
    _inherit = "res.users"
    # Odoo takes the partner's parent for a parent user: a search panel over users
    # then loops for ever when the ids happen to form a cycle.
    _parent_name = None

    def _get_invalidation_fields(self):
        return super()._get_invalidation_fields() | {"enterprise_id", "partner_id"}

    @tools.ormcache("self.id")
    def _is_tenant(self):
        """Whether this user is a person of an enterprise and not an internal user."""
        self.ensure_one()
        user = self.sudo()
        return bool(user.share and user.enterprise_id)

    def _is_operator(self):
        """Whether this user works for the operator, in whichever part (for rules)."""
        groups = ("operator_manager", "operator_reviewer", "operator_finance")
        return any(self.has_group(f"huolie_base.group_{group}") for group in groups)

    def _has_notices(self):
        """Whether this user has a bell: people of enterprises, and operators."""
        return self._is_operator() or self.has_group("huolie_base.group_tenant")

    def write(self, vals):
        """Write users; persons of an enterprise only what is harmless of themselves.

        :raise AccessError: for any other field or user
        """
        if self._is_guarded() and (
            self != self.env.user or vals.keys() - SELF_WRITABLE
        ):
            raise self._make_reference_error()
        return super().write(vals)

    def _check_credentials(self, credential, env):
        """Sign people of enterprises in by the web page, never by RPC."""
        if self.env.user._is_tenant() and not (env or {}).get("interactive", True):
            raise AccessDenied()
        return super()._check_credentials(credential, env)

    @api.model
    def action_get(self):
        """Return the preferences; those of people of enterprises are a form of ours."""
        action = super().action_get()
        if self.env.user._is_tenant():
            view = self.env.ref("huolie_base.res_users_view_form_tenant").sudo()
            action["views"] = [(view.id, "form")]
            action["name"] = self.env._("My preferences")
        return action

    def _init_store_data(self, store):
        super()._init_store_data(store)
        if self.env.user._is_tenant():
            # The server would fetch any address for them.
            store.add_global_values(hasLinkPreviewFeature=False)
