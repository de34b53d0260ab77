from odoo import api, fields, models

# What the widget calls these in the visitor's language, and how it checks them.
TYPES = {"phone": "tel", "email": "email", "body": "area"}
OWN_KINDS = {"text", "choice"}


class HuolieFormField(models.Model):
    """One question of the message form or of the form before a chat (D4, D6)."""

    _name = "huolie.form.field"
    _inherit = ["huolie.tenant.mixin", "huolie.audited"]
    _description = "Field of a visitor's form"
    _support_may = "*"
    _order = "use, sequence, id"
    _rec_name = "label"

    site_id = fields.Many2one(
        comodel_name="huolie.site", required=True, index=True, ondelete="cascade"
    )
    use = fields.Selection(
        selection=[("form", "Message form"), ("pre", "Before the chat")],
        string="Shown in",
        required=True,
        default="form",
    )
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        selection=[
            ("name", "Name"),
            ("phone", "Mobile"),
            ("email", "E-mail"),
            ("wechat", "WeChat"),
            ("company", "Company"),
            ("body", "Message"),
            ("text", "Own question: text"),
            ("choice", "Own question: choice"),
        ],
        string="Asks for",
        required=True,
        default="text",
    )
    label = fields.Char(
        size=60,
        help="Empty: the usual word in the visitor's language.",
    )
    hint = fields.Char(string="Text in the empty field", size=60)
    required = fields.Boolean(string="Must be filled in")
    options = fields.Text(string="Answers to choose from", help="One per line.")
    # The name on the wire; own questions are q<id>.
    name = fields.Char(string="Name on the wire", compute="_compute_name")

    _kind_uniq = models.UniqueIndex(
        "(site_id, use, kind) WHERE kind NOT IN ('text', 'choice')",
        "This form asks for that already.",
    )
    _own_has_label = models.Constraint(
        "CHECK (kind NOT IN ('text', 'choice') OR label IS NOT NULL)",
        "Your own questions need a label.",
    )

    @api.depends("kind")
    def _compute_name(self):
        for field in self:
            own = field.kind in OWN_KINDS
            field.name = f"q{field._origin.id or 0}" if own else field.kind

    @api.model_create_multi
    def create(self, vals_list):
        """Create fields, of the website's enterprise whoever makes them."""
        sites = self.env["huolie.site"].sudo()
        for vals in vals_list:
            site = sites.browse(
                vals.get("site_id") or self.env.context.get("default_site_id")
            )
            if not self.env.user._is_tenant():
                vals.setdefault("enterprise_id", site.enterprise_id.id)
        created = super().create(vals_list)
        created.site_id._forget_scripts()
        return created

    def write(self, vals):
        """Write fields; the websites show them after their next reload."""
        res = super().write(vals)
        self.site_id._forget_scripts()
        return res

    def unlink(self):
        """Delete fields; the websites show it after their next reload."""
        sites = self.site_id
        res = super().unlink()
        sites._forget_scripts()
        return res

    def _get_widget_field(self, number=0):
        """Return the field as the widget draws it.

        :param int number: place in the form, names an own question not yet saved
        """
        self.ensure_one()
        made = {
            "name": self.name if self.name != "q0" else f"q0{number}",
            "type": "choice" if self.kind == "choice" else TYPES.get(self.kind, "text"),
        }
        if self.label:
            made["label"] = self.label
        if self.hint:
            made["hint"] = self.hint
        if self.required:
            made["required"] = True
        if self.kind == "choice":
            made["options"] = (self.options or "").split("\n")
        return made
