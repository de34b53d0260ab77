from odoo import http
from odoo.http import request

from .public_page import PublicPage, form_route

FIELDS = ("name", "contact", "email", "phone", "password", "terms")


class Register(PublicPage):
    @form_route("/huolie/register")
    def register(self, **kwargs):
        """Registration page and its form (A1).

        Answers JSON ``{"errors": {field: message}}`` or ``{"done": true}`` to the
        page's script, a page to everybody else. A known and an unknown e-mail
        address get the same answer.
        """
        lang = self._begin(kwargs.get("lang"))
        if not self._is_open():
            return self._page("page_message", **self._closed())
        if request.httprequest.method == "GET":
            return self._page("page_register")
        values = self._texts(FIELDS)
        registrations = request.env["huolie.registration"]
        _registration, errors = registrations._file(
            {**values, "lang": lang},
            request.httprequest.remote_addr,
            request.httprequest.user_agent.string,
        )
        if self._wants_json():
            return self._answer(errors=errors, done=not errors)
        values["password"] = ""
        return self._page(
            "page_register", values=values, errors=errors, done=not errors
        )

    @form_route("/huolie/register/confirm")
    def confirm(self, **kwargs):
        """Page of the link in the confirmation mail; its button confirms and logs in.

        The secret is in the fragment of the link, so it is in no log and no referrer.
        """
        self._begin(kwargs.get("lang"))
        if request.httprequest.method == "GET":
            return self._page("page_confirm")
        values = self._texts(("token", "password"))
        registration = request.env["huolie.registration"]._find_by_token(
            values["token"]
        )
        return self._answer(**self._confirm(registration, values["password"]))

    def _confirm(self, registration, password):
        _ = request.env._
        if not registration:
            return {"errors": {"form": self._get_dead_link_text()}}
        if not registration._may_try():
            return {"errors": {"form": _("Too many tries. Please wait an hour.")}}
        if not registration._check_password(password):
            text = _("This is not the password you chose at registration.")
            return {"errors": {"password": text}}
        enterprise = registration._confirm()
        if not enterprise:
            return {"errors": {"form": self._get_dead_link_text()}}
        return {"redirect": self._log_in(registration.email, password) or "/web/login"}

    @http.route("/huolie/terms", type="http", auth="public", sitemap=False)
    def terms(self, **kwargs):
        """Show the terms of use that are valid today."""
        lang = self._begin(kwargs.get("lang"))
        terms = request.env["huolie.terms"]._get_current().with_context(lang=lang)
        return self._page("page_terms", terms=terms)

    @form_route("/huolie/login")
    def login(self, **kwargs):
        """Log-in by e-mail or mobile in the product's own style (A13)."""
        self._begin(kwargs.get("lang"))
        if request.httprequest.method == "GET":
            if request.session.uid:
                return request.redirect("/odoo")
            return self._page("page_login")
        values = self._texts(("login", "password"))
        target = self._log_in(values["login"].strip(), values["password"])
        if target:
            return self._answer(redirect=target)
        text = request.env._("Wrong log-in or password.")
        return self._answer(errors={"form": text})

    @form_route("/huolie/reset")
    def reset(self, **kwargs):
        """Ask for a new password; everybody gets the same answer."""
        self._begin(kwargs.get("lang"))
        if request.httprequest.method == "GET":
            return self._page("page_reset")
        login = self._texts(("login",))["login"]
        address = request.httprequest.remote_addr
        if request.env["res.users"]._ask_reset(login, address):
            return self._answer(done=True)
        text = request.env._("Too many tries. Please wait an hour.")
        return self._answer(errors={"form": text})

    @form_route("/huolie/reset/new")
    def reset_new(self, **kwargs):
        """Page of the link in the mail: set a new password and log in."""
        self._begin(kwargs.get("lang"))
        if request.httprequest.method == "GET":
            return self._page("page_reset_new")
        values = self._texts(("token", "password"))
        users = request.env["res.users"]
        user, fault = users._use_reset_link(values["token"], values["password"])
        if fault:
            return self._answer(errors={"password": fault})
        if not user:
            return self._answer(errors={"form": self._get_dead_link_text()})
        target = self._log_in(user.login, values["password"])
        return self._answer(redirect=target or "/huolie/login")

    def _is_open(self):
        params = request.env["ir.config_parameter"].sudo()
        return params.get_param("huolie.registration", "open") != "closed"

    def _closed(self):
        _ = request.env._
        return {
            "title": _("Registration is closed"),
            "text": _("New enterprises cannot register here at the moment."),
        }

    def _get_dead_link_text(self):
        return request.env._(
            "This link was used already or has expired. Log in, or register again."
        )
