from odoo import api, fields, models


class HuolieSeat(models.Model):
    _inherit = "huolie.seat"

    role_id = fields.Many2one(
        comodel_name="huolie.role",
        compute="_compute_role_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        domain="[('enterprise_id', '=', enterprise_id)]",
        help="What the person of this seat may see and do.",
    )

    @api.depends("user_id.huolie_role_id")
    def _compute_role_id(self):
        for seat in self:
            role = seat.user_id.sudo().huolie_role_id
            seat.role_id = role or seat.role_id
            if not seat.role_id and seat.enterprise_id:
                seat.role_id = seat.enterprise_id._get_ready_role("agent")

    @api.model_create_multi
    def create(self, vals_list):
        """Create seats; a role is given only by who may give it."""
        seats = super().create(vals_list)
        if not self.env.su and any(vals.get("role_id") for vals in vals_list):
            seats.role_id._check_may_assign(self.env["res.users"])
        # also when the context named the role
        seats._check_may_give_role()
        return seats

    def write(self, vals):
        """Write seats; a new role goes to the person of the seat at once."""
        if vals.get("role_id"):
            role = self.env["huolie.role"].browse(vals["role_id"])
            role._check_may_assign(self.sudo().user_id)
            for seat in self.filtered("user_id"):
                if seat.user_id.sudo().huolie_role_id != role:
                    role._assign(seat.user_id)
        return super().write(vals)

    def action_invite(self):
        """Make new links; each gives its seat's role to whoever opens it."""
        self._check_may_give_role()
        return super().action_invite()

    def action_hand_over(self):
        """Free a seat; its link would give the earlier person's role away."""
        self._check_may_give_role()
        return super().action_hand_over()

    def _check_may_give_role(self):
        """Refuse seats whose role gives more than the current person may (SEC-R4).

        Who manages seats may always invite ready-made agents.

        :raise AccessError: naming the rights that are too much
        """
        for role in self.sudo().role_id.filtered(lambda role: role.code != "agent"):
            role.with_env(self.env)._check_grant()

    def _accept(self, vals):
        """Take the seat, with the role that the admin chose for it."""
        role = self.role_id
        user = super()._accept(vals)
        if user and role and user.huolie_role_id != role:
            role.sudo()._assign(user)
        return user
