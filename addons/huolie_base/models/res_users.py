from odoo import models

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

    def _is_tenant(self):
        """Whether this user is a person of an enterprise and not an internal user."""
        self.ensure_one()
        user = self.sudo()
        return bool(user.share and user.enterprise_id)

    def write(self, vals):
        """Write users; persons of an enterprise only what is harmless of themselves.

        :raise AccessError: for any other field or user
        """
        if self._is_guarded() and (self != self.env.user or vals.keys() - SELF_WRITABLE):
            raise self._make_reference_error()
        return super().write(vals)
