from datetime import timedelta

from odoo import api, fields, models


class HuolieEnterprise(models.Model):
    """Registration (A1), and the people of the enterprise."""

    _inherit = "huolie.enterprise"

    person_ids = fields.One2many(
        comodel_name="res.users",
        compute="_compute_person_ids",
        string="People",
        groups="huolie_base.group_operator_reviewer",
    )

    @api.model
    def _get_trial_days(self):
        value = self.env["ir.config_parameter"].sudo().get_param("huolie.trial_days")
        return int(value) if value and value.isdecimal() else 14

    @api.model
    def _register_enterprise(self, vals):
        """Create an enterprise on trial with its admin and the built-in seat.

        :param dict vals: ``name contact email phone password lang`` (checked before)
        :return: the enterprise; its admin is ``_get_admins()``
        """
        trial_until = fields.Datetime.now() + timedelta(days=self._get_trial_days())
        # Nobody reads "created" in the chatter of ten thousand enterprises.
        quiet = {"tracking_disable": True, "mail_create_nosubscribe": True}
        enterprise = (
            self.sudo()
            .with_context(**quiet)
            .create(
                {
                    "name": vals["name"],
                    "email": vals["email"],
                    "phone": vals.get("phone"),
                    "lang": vals.get("lang"),
                    "trial_until": trial_until,
                }
            )
        )
        admin = enterprise._create_person(vals, self._get_admin_groups())
        enterprise.env["huolie.seat"]._create_trial_seat(enterprise, admin)
        return enterprise.with_context(self.env.context)

    def _create_person(self, vals, groups):
        """Create a user of this enterprise without any of the ERP's user types."""
        self.ensure_one()
        users = (
            self.env["res.users"]
            .sudo()
            .with_context(no_reset_password=True, tracking_disable=True)
        )
        return users.create(self._prepare_person_vals(vals, groups))

    def _prepare_person_vals(self, vals, groups):
        person = {
            "name": vals["contact"],
            "login": vals["email"].strip().lower(),
            "email": vals["email"].strip().lower(),
            "phone": vals.get("phone"),
            "mobile_login": self.env["res.users"]._get_free_mobile(vals.get("phone")),
            "lang": vals.get("lang") or self.lang or self.env.lang,
            "tz": "Asia/Shanghai",
            "enterprise_id": self.id,
            "group_ids": [fields.Command.set(groups.ids)],
        }
        if vals.get("password"):
            person["password"] = vals["password"]
        return person

    @api.model
    def _get_admin_groups(self):
        """Return the groups of a ready-made admin: every module, whole enterprise."""
        xmlids = [module["do"] for module in self._get_role_modules()]
        xmlids.append("huolie_base.group_scope_enterprise")
        return self.env["huolie.role"]._get_groups_by_xmlid(xmlids)

    @api.model
    def _get_agent_groups(self):
        """Return the groups of a new person: what the ready-made agent may."""
        return self.env.ref("huolie_base.group_scope_own").sudo()

    def _get_admins(self):
        """Return the users who may act for the enterprise (account module)."""
        group = self.env.ref("huolie_base.group_account_do")
        return (
            self.env["res.users"]
            .sudo()
            .search(
                [
                    ("enterprise_id", "in", self.ids),
                    ("all_group_ids", "in", group.ids),
                ]
            )
        )

    def _compute_person_ids(self):
        users = self.env["res.users"].sudo().with_context(active_test=False)
        for enterprise in self:
            enterprise.person_ids = users.search(
                [("enterprise_id", "=", enterprise.id)]
            )
