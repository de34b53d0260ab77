from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services import checks, secret_link, throttle

LINK_DAYS = 7
WRONG_PASSWORDS = 10


class HuolieRegistration(models.Model):
    """A registration until its e-mail address is confirmed (A1).

    The enterprise is created by the confirmation, so an address that nobody owns
    costs one row here, and a known and an unknown address get the same answer.
    """

    _name = "huolie.registration"
    _description = "Registration"
    _order = "id desc"

    name = fields.Char(string="Enterprise name", required=True, readonly=True)
    contact = fields.Char(required=True, readonly=True)
    email = fields.Char(string="E-mail", required=True, readonly=True, index=True)
    phone = fields.Char(string="Mobile", required=True, readonly=True)
    lang = fields.Char(string="Language", readonly=True)
    password_hash = fields.Char(groups="base.group_system", copy=False)
    token_hash = fields.Char(groups="base.group_system", copy=False)
    token_until = fields.Datetime(string="Link valid until", readonly=True)
    terms_id = fields.Many2one(
        comodel_name="huolie.terms", readonly=True, ondelete="restrict"
    )
    address = fields.Char(string="IP address", readonly=True)
    agent = fields.Char(string="Browser", readonly=True)
    state = fields.Selection(
        selection=[
            ("pending", "Waiting for confirmation"),
            ("known", "Address has an account"),
            ("confirmed", "Confirmed"),
        ],
        default="pending",
        required=True,
        readonly=True,
    )
    enterprise_id = fields.Many2one(
        comodel_name="huolie.enterprise", readonly=True, ondelete="cascade", index=True
    )

    _token_idx = models.UniqueIndex("(token_hash) WHERE token_hash IS NOT NULL")

    # === FILING === #
    @api.model
    def _file(self, values, address, agent):
        """Take what was typed on the registration page.

        :param dict values: ``name contact email phone password terms lang``
        :param str address: IP address it came from
        :return: ``(registration or None, errors)``; errors by field name
        """
        clean, errors = self._check_values(values)
        if not errors and not self._is_allowed(clean["email"], address):
            errors["form"] = self.env._(
                "Too many registrations from here. Please try again in an hour."
            )
        if errors:
            return None, errors
        registration = self.sudo().create(
            self._prepare_vals(clean, address, agent, values.get("lang"))
        )
        registration._send_link()
        return registration, {}

    @api.model
    def _is_allowed(self, email, address):
        cr, hour = self.env.cr, timedelta(hours=1)
        limit = self._get_hourly_limit()
        by_address = throttle.hit(cr, f"register:{address}", limit, hour)
        return throttle.hit(cr, f"register:{email}", limit, hour) and by_address

    @api.model
    def _get_hourly_limit(self):
        params = self.env["ir.config_parameter"].sudo()
        value = params.get_param("huolie.registrations_per_hour") or ""
        return int(value) if value.isdecimal() else 5

    def _prepare_vals(self, clean, address, agent, lang):
        known = self._find_user(clean["email"])
        hashed = self.env["res.users"]._crypt_context().hash(clean.pop("password"))
        return {
            **clean,
            "password_hash": hashed,
            "lang": lang,
            "terms_id": self.env["huolie.terms"]._get_current().id,
            "address": address,
            "agent": (agent or "")[:200],
            "state": "known" if known else "pending",
        }

    @api.model
    def _find_user(self, email):
        users = self.env["res.users"].sudo().with_context(active_test=False)
        return users.search([("login", "=", email)], limit=1)

    # === CHECKS: a message per field, in the language of the page === #
    @api.model
    def _check_values(self, values):
        clean = {
            "name": checks.text(values.get("name"), 100),
            "contact": checks.text(values.get("contact"), 50),
            "email": checks.email(values.get("email")),
            "phone": checks.mobile(values.get("phone")),
            "password": values.get("password") or "",
        }
        messages = self._get_messages()
        errors = {key: messages[key] for key, value in clean.items() if value is None}
        personal = (values.get("email", "").split("@")[0], values.get("phone"))
        fault = self.env["res.users"]._get_password_fault(clean["password"], personal)
        if fault:
            errors["password"] = fault
        if not values.get("terms"):
            errors["terms"] = messages["terms"]
        return clean, errors

    def _get_messages(self):
        _ = self.env._
        return {
            "name": _(
                "Please enter the name of your enterprise (at most 100 characters)."
            ),
            "contact": _("Please enter your name (at most 50 characters)."),
            "email": _("Please enter an e-mail address such as name@example.com."),
            "phone": _(
                "Please enter a mobile number: 11 digits, or + and country code."
            ),
            "terms": _("Please read and accept the terms of use."),
        }

    # === LINK === #
    def _make_link(self):
        """Give the registration a new link; the one before dies."""
        self.ensure_one()
        token = secret_link.make()
        self.sudo().write(
            {
                "token_hash": secret_link.digest(token),
                "token_until": fields.Datetime.now() + timedelta(days=LINK_DAYS),
            }
        )
        return f"{self.get_base_url()}/huolie/register/confirm#{token}"

    def _send_link(self):
        """Mail the link; who has an account already is told that instead."""
        self.ensure_one()
        known = self.state == "known"
        name = "known" if known else "confirm"
        template = self.env.ref(f"huolie_base.mail_template_register_{name}").sudo()
        link = f"{self.get_base_url()}/web/login" if known else self._make_link()
        template = template.with_context(link=link, lang=self.lang)
        self.env["huolie.enterprise"]._send_template(template, self)

    def action_new_link(self):
        """Show the operator a new link to hand out (no outgoing mail server)."""
        self.check_access("write")
        self.ensure_one()
        if self.state != "pending":
            raise UserError(self.env._("This registration needs no link any more."))
        text = self.env._(
            "Hand this link to %s. The link before is void.", self.contact
        )
        return self.env["huolie.enterprise"]._show_link(self._make_link(), text)

    @api.model
    def _find_by_token(self, token):
        """Return the registration of a link that still works, or nothing."""
        return self.sudo().search(
            [
                ("token_hash", "=", secret_link.digest(token)),
                ("token_until", ">", fields.Datetime.now()),
                ("state", "=", "pending"),
            ],
            limit=1,
        )

    # === CONFIRMATION === #
    def _check_password(self, password):
        """Say whether this is the password typed at registration."""
        self.ensure_one()
        context = self.env["res.users"]._crypt_context()
        return context.verify(password or "", self.sudo().password_hash)

    def _may_try(self):
        """Count a try of the password of this link."""
        key = f"confirm:{self.id}"
        return throttle.hit(self.env.cr, key, WRONG_PASSWORDS, timedelta(hours=1))

    def _confirm(self):
        """Create the enterprise; of two clicks at once, one wins.

        :return: the enterprise, or None when the link was used in the meantime
        """
        self.ensure_one()
        self.flush_recordset()
        self.env.cr.execute(
            "UPDATE huolie_registration SET state = 'confirmed', token_hash = NULL"
            " WHERE id = %s AND state = 'pending' RETURNING id",
            (self.id,),
            log_exceptions=False,
        )
        won = self.env.cr.fetchone()
        self.invalidate_recordset()
        if not won or self._find_user(self.email):
            return None
        self.enterprise_id = self.env["huolie.enterprise"]._register_enterprise(
            self._prepare_enterprise_vals()
        )
        admin = self.enterprise_id._get_admins()
        admin._set_encrypted_password(admin.id, self.sudo().password_hash)
        self._store_acceptance(admin)
        self.sudo().password_hash = False
        return self.enterprise_id

    def _prepare_enterprise_vals(self):
        return {
            "name": self.name,
            "contact": self.contact,
            "email": self.email,
            "phone": self.phone,
            "lang": self.lang,
        }

    def _store_acceptance(self, admin):
        self.env["huolie.terms.acceptance"].sudo().create(
            {
                "enterprise_id": self.enterprise_id.id,
                "terms_id": self.terms_id.id,
                "user_id": admin.id,
                "accepted_at": self.create_date,
                "address": self.address,
                "agent": self.agent,
            }
        )

    @api.autovacuum
    def _gc_registrations(self):
        """Forget people who never confirmed, after 30 days."""
        before = fields.Datetime.now() - timedelta(days=30)
        self.search(
            [("state", "!=", "confirmed"), ("create_date", "<", before)], limit=1000
        ).unlink()
