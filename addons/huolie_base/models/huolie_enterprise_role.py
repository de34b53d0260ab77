from odoo import api, fields, models
from odoo.exceptions import UserError


class HuolieEnterprise(models.Model):
    _inherit = "huolie.enterprise"

    role_ids = fields.One2many(
        comodel_name="huolie.role", inverse_name="enterprise_id", string="Roles"
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Create enterprises, each with the three ready-made roles."""
        enterprises = super().create(vals_list)
        self.env["huolie.role"]._create_ready_roles(enterprises)
        return enterprises

    def _get_ready_role(self, code):
        """Return a ready-made role: ``admin supervisor agent``."""
        self.ensure_one()
        return self.sudo().role_ids.filtered(lambda role: role.code == code)

    def _prepare_person_vals(self, vals, groups):
        """A person comes in with a ready-made role, whose groups these are."""
        person = super()._prepare_person_vals(vals, groups)
        for code, usual in (
            ("admin", self._get_admin_groups()),
            ("agent", self._get_agent_groups()),
        ):
            role = self._get_ready_role(code)
            if groups == usual and role:
                person["huolie_role_id"] = role.id
                commands = [fields.Command.set(role._get_role_groups().ids)]
                person["group_ids"] = commands
        return person

    def _check_admin_besides(self, users):
        """Refuse to go on when nobody but these users is an active administrator.

        :raise UserError: naming the way forward
        """
        for enterprise in self.sudo():
            role = enterprise._get_ready_role("admin")
            losing = users.sudo() & role.user_ids.filtered("active")
            if losing and not role.user_ids.filtered("active") - losing:
                raise UserError(
                    self.env._(
                        "%s is the last administrator of the enterprise. Make somebody"
                        " else an administrator first.",
                        losing[0].name,
                    )
                )

    @api.model
    def _get_role_modules(self):
        """Return the function modules that roles pick from (A8)."""
        return [
            {
                "code": "role",
                "label": self.env._("Roles"),
                "see": "huolie_base.group_role_see",
                "do": "huolie_base.group_role_do",
                "sequence": 70,
            },
            {
                "code": "seat",
                "label": self.env._("Agents and seats"),
                "see": "huolie_base.group_seat_see",
                "do": "huolie_base.group_seat_do",
                "sequence": 60,
            },
            {
                "code": "account",
                "label": self.env._("Account and recharge"),
                "see": "huolie_base.group_account_see",
                "do": "huolie_base.group_account_do",
                "sequence": 80,
            },
        ]
