import base64
import hashlib
import io
from urllib.parse import quote, urlsplit

import qrcode
from markupsafe import escape

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.huolie_chat.services import settings

from ..services import scripts
from ..services.icons import ICONS

LOOK = (
    "button_style",
    "button_side",
    "margin_x",
    "margin_y",
    "button_text",
    "button_icon",
    "window_style",
    "color",
)
DEVICES = {"desk": "desktop", "phone": "phone"}
TEXTS = {
    "widget_title",
    "widget_notice",
    "widget_lang",
    "form_intro",
    "privacy_text",
    "privacy_url",
    "privacy_tick",
    "ask_rating",
    "preview_typing",
    "accept_files",
    "quiet",
    "logo",
}
FIELDS = {"form_field_ids", "pre_field_ids"}
PREVIEW = TEXTS | FIELDS | {f"{d}_{name}" for d in DEVICES for name in LOOK}


def _look(device, name):
    """Declare a field of the site's form that lives in the style of one device."""
    kind = {"margin_x": fields.Integer, "margin_y": fields.Integer}.get(name)
    if kind is None:
        text = name in ("button_text", "color")
        kind = fields.Char if text else fields.Selection
    label = f"{name.replace('_', ' ').capitalize()} ({DEVICES[device]})"
    return kind(string=label, related=f"{device}_style_id.{name}", readonly=False)


class HuolieSite(models.Model):
    _inherit = "huolie.site"

    style_ids = fields.One2many(
        comodel_name="huolie.site.style", inverse_name="site_id", string="Looks"
    )
    desk_style_id = fields.Many2one(
        comodel_name="huolie.site.style",
        string="Desktop look",
        compute="_compute_style_ids",
        search="_search_style_id",
    )
    phone_style_id = fields.Many2one(
        comodel_name="huolie.site.style",
        string="Phone look",
        compute="_compute_style_ids",
        search="_search_style_id",
    )
    desk_button_style = _look("desk", "button_style")
    desk_button_side = _look("desk", "button_side")
    desk_margin_x = _look("desk", "margin_x")
    desk_margin_y = _look("desk", "margin_y")
    desk_button_text = _look("desk", "button_text")
    desk_button_icon = _look("desk", "button_icon")
    desk_window_style = _look("desk", "window_style")
    desk_color = _look("desk", "color")
    phone_button_style = _look("phone", "button_style")
    phone_button_side = _look("phone", "button_side")
    phone_margin_x = _look("phone", "margin_x")
    phone_margin_y = _look("phone", "margin_y")
    phone_button_text = _look("phone", "button_text")
    phone_button_icon = _look("phone", "button_icon")
    phone_window_style = _look("phone", "window_style")
    phone_color = _look("phone", "color")

    widget_title = fields.Char(string="Title of the window", size=40)
    widget_notice = fields.Text(
        string="Notice",
        help="Shown above the conversation, for example your working hours.",
    )
    widget_lang = fields.Selection(
        selection=[
            ("zh-CN", "Simplified Chinese"),
            ("zh-TW", "Traditional Chinese"),
            ("en", "English"),
        ],
        string="Language of the widget",
        help="Empty: the language of the page.",
    )
    logo = fields.Image(max_width=128, max_height=128)
    ask_rating = fields.Boolean(string="Ask for a rating at the end", default=True)
    preview_typing = fields.Boolean(
        string="Agents see what is being typed", default=True
    )
    accept_files = fields.Boolean(
        string="Visitors may send pictures and files", default=True
    )
    quiet = fields.Boolean(
        string="Nothing is sent before the visitor clicks",
        help="Page views of visitors who never open the window are not counted then.",
    )
    form_field_ids = fields.One2many(
        comodel_name="huolie.form.field",
        inverse_name="site_id",
        string="Message form",
        domain=[("use", "=", "form")],
        context={"default_use": "form"},
    )
    pre_field_ids = fields.One2many(
        comodel_name="huolie.form.field",
        inverse_name="site_id",
        string="Form before the chat",
        domain=[("use", "=", "pre")],
        context={"default_use": "pre"},
    )
    form_intro = fields.Text(string="Text above the form")
    privacy_text = fields.Text(string="Privacy notice")
    privacy_url = fields.Char(string="Link to your privacy statement")
    privacy_tick = fields.Boolean(string="The visitor must tick the notice")
    secret = fields.Char(
        groups="huolie_chat.group_settings_do,huolie_widget.group_style_do"
    )
    snippet = fields.Text(string="Code", compute="_compute_snippet")
    chat_url = fields.Char(string="Chat page", compute="_compute_snippet")
    chat_qr = fields.Binary(string="QR code", compute="_compute_chat_qr")
    preview_key = fields.Char(string="Preview key", compute="_compute_preview_key")

    # === COMPUTES === #
    @api.depends("style_ids.device")
    def _compute_style_ids(self):
        for site in self:
            rows = {style.device: style for style in site.style_ids}
            site.desk_style_id = rows.get("desk", False)
            site.phone_style_id = rows.get("phone", False)

    def _search_style_id(self, operator, value):
        return [("style_ids", operator, value)]

    @api.depends("key")
    def _compute_snippet(self):
        for site in self:
            base = site.get_base_url()
            named = site._get_named_database()
            query = f"?db={quote(named)}" if named else ""
            address = f"{base}/huolie/w/{site.key}.js{query}"
            site.snippet = f'<script async src="{escape(address)}"></script>'
            site.chat_url = f"{base}/huolie/chat/{site.key}{query}"

    @api.depends("chat_url")
    def _compute_chat_qr(self):
        for site in self:
            picture = io.BytesIO()
            qrcode.make(site.chat_url, box_size=5, border=2).save(picture, "PNG")
            site.chat_qr = base64.b64encode(picture.getvalue())

    def _compute_preview_key(self):
        """Only the place in the form where the preview is drawn."""
        self.preview_key = False

    @api.constrains("privacy_url")
    def _check_privacy_url(self):
        for site in self:
            url = site.privacy_url or "https://"
            if not url.startswith(("https://", "http://")):
                raise ValidationError(
                    self.env._("A link begins with https://, '%s' does not.", url)
                )

    # === CRUD === #
    @api.model
    def default_get(self, fields_list):
        """Show a new website with the looks it will get."""
        values = super().default_get(fields_list)
        style = self.env["huolie.site.style"].default_get(LOOK)
        for device in DEVICES:
            for name in LOOK:
                if f"{device}_{name}" in fields_list and name in style:
                    values.setdefault(f"{device}_{name}", style[name])
        return values

    @api.model_create_multi
    def create(self, vals_list):
        """Create websites with a look for each device and the usual form."""
        sites = super().create(vals_list)
        sites._ensure_looks()
        for site, vals in zip(sites, vals_list, strict=True):
            # the inverse of related fields ran before there were any styles
            site.write(
                {k: v for k, v in vals.items() if k.startswith(("desk_", "phone_"))}
            )
        return sites

    def write(self, vals):
        """Write; websites show the new look after their next reload (D1)."""
        res = super().write(vals)
        if vals.keys() - {"first_seen_at", "last_seen_at"}:
            self._forget_scripts()
        return res

    def _ensure_looks(self):
        """Give each website what it lacks of styles and form fields."""
        styles = self.env["huolie.site.style"].sudo()
        form_fields = self.env["huolie.form.field"].sudo()
        for site in self.sudo():
            known = set(site.style_ids.mapped("device"))
            own = {"site_id": site.id, "enterprise_id": site.enterprise_id.id}
            styles.create([{**own, "device": d} for d in DEVICES if d not in known])
            if not site.form_field_ids:
                form_fields.create([{**own, **v} for v in self._prepare_form_fields()])
        self.invalidate_recordset(["style_ids", "form_field_ids"])

    @api.model
    def _prepare_form_fields(self):
        """Return the values of the message form that a new website starts with."""
        return [
            {"kind": "name", "sequence": 10, "required": True},
            {"kind": "phone", "sequence": 20, "required": True},
            {"kind": "email", "sequence": 30},
            {"kind": "body", "sequence": 40, "required": True},
        ]

    # === WHAT THE WIDGET GETS === #
    def _forget_scripts(self):
        """Let every process forget the scripts it keeps, once this is committed."""
        if self:
            dbname = self.env.cr.dbname
            self.env.cr.postcommit.add(lambda: scripts.forget(dbname))
            self.env["huolie.conversation"]._forget_sites()

    @api.model
    def _get_script(self, key):
        """Return loader and configuration of a site key; nothing where nothing is due.

        Unknown key, archived website and frozen enterprise give the same answer.
        """
        site = self.sudo().search([("key", "=", key)], limit=1)
        if not site or site.enterprise_id._get_allows()["widget"] == "off":
            return ""
        return scripts.loader(site._get_widget_config())

    def _get_widget_config(self):
        """Return what ``static/src`` reads as ``C`` (its names are explained there)."""
        self.ensure_one()
        config = {
            "k": self.key,
            "db": self._get_named_database(),
            "d": self._get_look("desk"),
            "m": self._get_look("phone"),
            "form": self._get_widget_fields(self.form_field_ids),
            "pre": self._get_widget_fields(self.pre_field_ids),
            "lang": self.widget_lang or "",
            "title": self.widget_title or "",
            "notice": self.widget_notice or "",
            "logo": self._get_logo_path(),
            "formText": self.form_intro or "",
            "quiet": self.quiet,
        }
        config = {name: value for name, value in config.items() if value}
        for name, value in (
            ("rate", self.ask_rating),
            ("preview", self.preview_typing),
            ("files", self.accept_files),
        ):
            if not value:
                config[name] = False
        if self.privacy_text:
            config["privacy"] = {
                "text": self.privacy_text,
                "url": self.privacy_url or "",
                "tick": self.privacy_tick,
            }
        return config

    def _get_named_database(self):
        """Return the database's name where the server has several, else ""."""
        host = urlsplit(self.get_base_url()).netloc
        dbname = self.env.cr.dbname
        return "" if settings.only_database(host) == dbname else dbname

    def _get_look(self, device):
        def value(name):
            return self[f"{device}_{name}"]

        return {
            "style": value("button_style"),
            "side": value("button_side"),
            "x": value("margin_x"),
            "y": value("margin_y"),
            "text": value("button_text") or "",
            "icon": ICONS.get(value("button_icon"), ICONS["chat"]),
            "window": value("window_style"),
            "color": value("color") or "#c8321e",
        }

    def _get_widget_fields(self, form_fields):
        ordered = form_fields.sorted(lambda f: (f.sequence, f._origin.id or 10**9))
        return [f._get_widget_field(i) for i, f in enumerate(ordered)]

    def _get_logo_path(self):
        if not self.logo:
            return ""
        if not self._origin.logo or self.logo != self._origin.logo:
            # not saved yet: only the preview sees this
            return f"data:image/png;base64,{self.logo.decode()}"
        version = hashlib.sha256(self.logo).hexdigest()[:8]
        return f"/huolie/w/logo/{self.key}?v={version}"

    # === HOOKS OF THE ENGINE === #
    def _check_form(self, values):
        """Return what is missing in a message left: ``{name: "required"}`` (D4)."""
        wrong = dict(super()._check_form(values) or {})
        for field in self.form_field_ids.filtered("required"):
            if not values.get(field.name):
                wrong[field.name] = "required"
        return wrong

    def _get_form_labels(self):
        """Return the labels of the site's own questions by their names on the wire."""
        labels = dict(super()._get_form_labels() or {})
        asked = self.form_field_ids | self.pre_field_ids
        labels.update({f.name: f.label for f in asked if f.label})
        return labels

    def get_preview_config(self, values):
        """Return the configuration as it would be with unsaved values of the form.

        :param dict values: changed fields, as the form would save them
        :return: configuration of the widget, for the preview beside the form
        :raise AccessError: when the site may not be read
        """
        self.check_access("read")
        known = {name: value for name, value in values.items() if name in PREVIEW}
        config = self.new(known, origin=self[:1])._get_widget_config()
        return {**config, "k": "preview", "quiet": False}
