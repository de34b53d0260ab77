from odoo import api, models


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    def _load_menus_blacklist(self):
        """Show people of enterprises the menus of the suite alone."""
        blacklist = super()._load_menus_blacklist()
        if self.env.user._is_tenant():
            return [*blacklist, *self._get_foreign_menu_ids()]
        return blacklist

    @api.model
    def _get_foreign_menu_ids(self):
        data = self.env["ir.model.data"].sudo()
        ours = data.search(
            [("model", "=", self._name), ("module", "=like", "huolie\\_%")]
        ).mapped("res_id")
        return self.sudo().search([("id", "not in", ours)]).ids

    @api.model
    def _get_tenant_home_action(self):
        """Return the action of the first app that this person of an enterprise has.

        Who has none yet (no role) gets the list of notices.
        """
        menus = self.load_web_menus(False)
        actions = self.env["ir.actions.actions"].sudo()
        for app_id in menus["root"]["children"]:
            action = actions.browse(menus[app_id]["actionID"] or ()).exists()
            if action and action._is_open_to_tenants():
                return action
        notices = self.env.ref("huolie_base.huolie_notice_action")
        return actions.browse(notices.id)
