import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

COLOUR = re.compile(r"^#[0-9a-fA-F]{6}$")


class HuolieSiteStyle(models.Model):
    """How button and window look: two rows per website, desktop and phone (D2, D3)."""

    _name = "huolie.site.style"
    _inherit = ["huolie.tenant.mixin", "huolie.audited"]
    _description = "Look of the widget"
    _support_may = "*"
    _order = "site_id, device"
    _rec_name = "device"

    site_id = fields.Many2one(
        comodel_name="huolie.site", required=True, index=True, ondelete="cascade"
    )
    device = fields.Selection(
        selection=[("desk", "Desktop"), ("phone", "Phone")],
        required=True,
        default="desk",
    )
    button_style = fields.Selection(
        string="Button style",
        selection=[
            ("bar", "Bottom bar"),
            ("round", "Round button"),
            ("tab", "Side tab"),
            ("none", "No button"),
        ],
        required=True,
        default="round",
    )
    button_side = fields.Selection(
        selection=[("right", "Right"), ("left", "Left")],
        string="Side",
        required=True,
        default="right",
    )
    margin_x = fields.Integer(string="Margin to the side (px)", default=24)
    margin_y = fields.Integer(string="Margin to the bottom (px)", default=24)
    button_text = fields.Char(string="Text on the button", size=20)
    button_icon = fields.Selection(
        selection=[
            ("chat", "Speech bubble"),
            ("dots", "Bubble with dots"),
            ("headset", "Headset"),
            ("question", "Question mark"),
        ],
        string="Icon",
        required=True,
        default="chat",
    )
    window_style = fields.Selection(
        string="Window style",
        selection=[
            ("mini", "Mini window"),
            ("side", "Side panel"),
            ("standard", "Standard window (full page)"),
        ],
        required=True,
        default="mini",
    )
    color = fields.Char(string="Theme colour", required=True, default="#c8321e")

    _site_device_uniq = models.UniqueIndex(
        "(site_id, device)", "This website has a look for this device already."
    )
    _margins = models.Constraint(
        "CHECK (margin_x BETWEEN 0 AND 600 AND margin_y BETWEEN 0 AND 600)",
        "Margins are between 0 and 600 pixels.",
    )

    @api.constrains("color")
    def _check_color(self):
        for style in self:
            if not COLOUR.match(style.color or ""):
                raise ValidationError(
                    self.env._("'%s' is not a colour such as #c8321e.", style.color)
                )

    def write(self, vals):
        """Write; the websites show it after their next reload (D1)."""
        res = super().write(vals)
        self.site_id._forget_scripts()
        return res
