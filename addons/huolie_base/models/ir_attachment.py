from odoo import api, models


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        """Store files; people of enterprises put none on the open web."""
        if self._is_guarded():
            vals_list = [{**vals, "public": False} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        """Change files; people of enterprises put none on the open web.

        :raise AccessError: when a person of an enterprise tries
        """
        if self._is_guarded() and vals.get("public"):
            raise self._make_reference_error()
        return super().write(vals)
