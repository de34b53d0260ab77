from odoo import api, models


class HuolieEnterprise(models.Model):
    """Secret links, shown once."""

    _inherit = "huolie.enterprise"

    @api.model
    def _show_link(self, link, text):
        """Show a secret link once, with a copy button; it is not stored."""
        return self._show_links([{"label": "", "link": link}], text)

    @api.model
    def _show_links(self, links, text):
        """Show several: ``[{"label", "link"}]``."""
        return {
            "type": "ir.actions.client",
            "tag": "huolie_base.link_dialog",
            "name": self.env._("Link"),
            "target": "new",
            "params": {"links": links, "text": text},
        }
