from odoo import api, models


class HuolieEnterprise(models.Model):
    _inherit = "huolie.enterprise"

    @api.model_create_multi
    def create(self, vals_list):
        """Create enterprises; each can receive visitors at once (A11)."""
        enterprises = super().create(vals_list)
        enterprises._ensure_chat()
        return enterprises

    def _ensure_chat(self):
        """Give enterprises what they lack: settings, a group, a site, agents' rows."""
        # sudo: made for the enterprise, whoever registers it
        for enterprise in self.sudo():
            own = {"enterprise_id": enterprise.id}
            domain = [("enterprise_id", "=", enterprise.id)]
            if not self.env["huolie.chat.settings"].sudo().search_count(domain):
                self.env["huolie.chat.settings"].sudo().create(own)
            groups = self.env["huolie.group"].sudo().with_context(active_test=False)
            group = groups.search(domain, limit=1, order="id") or groups.create(
                {**own, "name": self.env._("All agents")}
            )
            sites = self.env["huolie.site"].sudo().with_context(active_test=False)
            if not sites.search_count(domain, limit=1):
                name = self.env._("My website")
                sites.create({**own, "name": name, "group_id": group.id})
            enterprise.seat_ids._ensure_agent_state()

    def _on_stage_change(self, old, new):
        """Close what may not go on, and let every process ask for the stage again."""
        res = super()._on_stage_change(old, new)
        conversations = self.env["huolie.conversation"]
        conversations._forget_sites()
        for enterprise in self:
            if enterprise._get_allows()["people"] == "none":
                conversations._close_all_of(enterprise)
                conversations._revoke(enterprise.sudo().seat_ids)
        return res

    @api.model
    def _get_role_modules(self):
        """Add the function modules of conversations (A8)."""
        labels = {
            "chat": (self.env._("Conversations"), 10),
            "visitor": (self.env._("Visitors"), 20),
            "record": (self.env._("Records"), 30),
            "customer": (self.env._("Customers"), 40),
            "lead": (self.env._("Leads"), 45),
            "report": (self.env._("Reports"), 50),
            "settings": (self.env._("Basic settings"), 90),
        }
        return super()._get_role_modules() + [
            {
                "code": code,
                "label": label,
                "see": f"huolie_chat.group_{code}_see",
                "do": f"huolie_chat.group_{code}_do",
                "sequence": sequence,
            }
            for code, (label, sequence) in labels.items()
        ]

    def _get_home_steps(self):
        """Add: online, code found on your site, first conversation (A11)."""
        return [
            *super()._get_home_steps(),
            self._get_online_step(),
            self._get_conversation_step(),
            self._get_code_step(),
        ]

    def _get_online_step(self):
        seats = self.sudo().seat_ids
        logs = self.env["huolie.agent.log"].sudo()
        return {
            "key": "online",
            "label": self.env._("Go online to receive visitors"),
            "done": bool(logs.search_count([("seat_id", "in", seats.ids)], limit=1)),
            "action": "huolie_chat.huolie_console_action",
            "sequence": 10,
        }

    def _get_conversation_step(self):
        conversations = self.env["huolie.conversation"].sudo()
        own = [("enterprise_id", "=", self.id)]
        return {
            "key": "conversation",
            "label": self.env._("Have your first conversation"),
            "done": bool(conversations.search_count(own, limit=1)),
            "action": "huolie_chat.huolie_console_action",
            "sequence": 30,
        }

    def _get_code_step(self):
        sites = self.env["huolie.site"].sudo()
        seen = [("enterprise_id", "=", self.id), ("first_seen_at", "!=", False)]
        return {
            "key": "code",
            "label": self.env._("Put the code on your website"),
            "done": bool(sites.search_count(seen)),
            "action": "huolie_chat.huolie_site_action",
            "group": "huolie_chat.group_settings_see",
            "sequence": 20,
        }
