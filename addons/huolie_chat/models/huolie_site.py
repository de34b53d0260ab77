import secrets

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..services import origins


class HuolieSite(models.Model):
    _name = "huolie.site"
    _inherit = ["huolie.tenant.mixin", "huolie.audited"]
    _description = "Website with the widget"
    _support_may = "*"
    _order = "id"

    name = fields.Char(string="Website name", required=True)
    active = fields.Boolean(default=True)
    key = fields.Char(
        string="Site key",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: self._default_key(),
    )
    secret = fields.Char(
        string="Secret for your customer numbers",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: secrets.token_hex(32),
        groups="huolie_chat.group_settings_do",
        help="Your server signs its own customer number with it: hex HMAC-SHA256. "
        "Never put it into a page.",
    )
    domains = fields.Text(
        string="Allowed domains",
        help="One per line; sub-domains are included. Empty allows every website.",
    )
    group_id = fields.Many2one(
        comodel_name="huolie.group",
        string="Agent group",
        index="btree_not_null",
        ondelete="restrict",
        help="Agents of this group receive the visitors of this website.",
    )
    first_seen_at = fields.Datetime(string="Code first seen", readonly=True, copy=False)
    last_seen_at = fields.Datetime(string="Code last seen", readonly=True, copy=False)

    _key_uniq = models.UniqueIndex("(key)", "This site key is taken.")

    @api.model
    def _default_key(self):
        return secrets.token_hex(12)

    @api.constrains("domains")
    def _check_domains(self):
        for site in self:
            for line in (site.domains or "").split():
                if not origins.normal_host(line):
                    raise ValidationError(
                        self.env._("'%s' is not a domain such as example.com.", line)
                    )

    def write(self, vals):
        """Write, and let every process forget what it keeps of the sites."""
        res = super().write(vals)
        if not vals.keys() <= {"first_seen_at", "last_seen_at"}:
            self.env["huolie.conversation"]._forget_sites()
        return res

    # === HOOKS OF OTHER ADDONS === #
    def _get_welcome(self):
        """Return the text that a new conversation begins with, or None."""
        return None

    def _check_form(self, values):
        """Return what is wrong with a message left: ``{field name: reason}``.

        :param dict values: texts by field name, empty ones left out
        """
        return {} if values else {"body": "required"}

    def _get_form_labels(self):
        """Return the labels of own questions by their names on the wire."""
        return {}
