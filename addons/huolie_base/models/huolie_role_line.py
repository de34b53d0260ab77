from odoo import api, fields, models


class HuolieRoleLine(models.Model):
    """One function module in the matrix of a role: may see it, may work in it."""

    _name = "huolie.role.line"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Module of a role"
    _order = "role_id, sequence, id"
    # the matrix of a new role is sent whole
    _typed_readonly = ("module",)

    role_id = fields.Many2one(
        comodel_name="huolie.role",
        required=True,
        index=True,
        ondelete="cascade",
    )
    module = fields.Char(string="Module code", required=True, readonly=True)
    label = fields.Char(string="Module", compute="_compute_label")
    sequence = fields.Integer(
        compute="_compute_sequence", store=True, precompute=True, aggregator=None
    )
    see = fields.Boolean(string="May see")
    do = fields.Boolean(string="May change")
    locked = fields.Boolean(compute="_compute_locked")

    _module_uniq = models.UniqueIndex(
        "(role_id, module)", "A role has each module once."
    )

    @api.depends("module")
    @api.depends_context("lang")
    def _compute_label(self):
        modules = self.env["huolie.role"]._get_modules()
        labels = {module["code"]: module["label"] for module in modules}
        for line in self:
            line.label = labels.get(line.module, line.module)

    @api.depends("module")
    def _compute_sequence(self):
        modules = self.env["huolie.role"]._get_modules()
        places = {module["code"]: place for place, module in enumerate(modules)}
        for line in self:
            line.sequence = places.get(line.module, 99)

    @api.depends("role_id.code")
    def _compute_locked(self):
        for line in self:
            line.locked = bool(line.role_id.code)

    @api.onchange("see")
    def _onchange_see(self):
        if not self.see:
            self.do = False

    @api.onchange("do")
    def _onchange_do(self):
        if self.do:
            self.see = True

    @api.model_create_multi
    def create(self, vals_list):
        """Create rows; the enterprise is the role's."""
        for vals in vals_list:
            role = self.env["huolie.role"].sudo().browse(vals.get("role_id") or ())
            if self.env.su and role:
                vals.setdefault("enterprise_id", role.enterprise_id.id)
        lines = super().create([self._with_see(vals) for vals in vals_list])
        if not self.env.su:
            lines.role_id._check_locked()
            lines.role_id._check_grant()
        return lines

    def write(self, vals):
        """Change rows; the people who have the role follow at once.

        :raise UserError: for ready-made roles
        :raise AccessError: when the role would give more than the writer holds
        """
        roles = self.role_id
        roles._check_locked()
        roles._check_grant()
        before = {role.id: role._get_rights_text() for role in roles}
        res = super().write(self._with_see(vals))
        roles._check_grant()
        roles._on_rights_change(before)
        return res

    def unlink(self):
        """Delete rows; the people who have the role follow at once.

        :raise AccessError: when the role gives more than the person holds
        """
        roles = self.role_id
        roles._check_locked()
        roles._check_grant()
        before = {role.id: role._get_rights_text() for role in roles}
        res = super().unlink()
        roles.exists()._on_rights_change(before)
        return res

    @api.model
    def _with_see(self, vals):
        """Who may change may see; who may not see may not change."""
        if vals.get("do"):
            return {**vals, "see": True}
        if "see" in vals and not vals["see"]:
            return {**vals, "do": False}
        return vals
