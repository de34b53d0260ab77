from datetime import timedelta

from odoo.http import request

from ..services import checks, throttle
from .public_page import PublicPage, form_route

TRIES_PER_HOUR = 10


class Invite(PublicPage):
    @form_route("/huolie/invite")
    def invite(self, **kwargs):
        """Page of a seat's personal invitation link, and its form (A7)."""
        lang = self._begin(kwargs.get("lang"))
        if request.httprequest.method == "GET":
            return self._page("page_invite")
        values = self._texts(("token", "name", "email", "password"))
        return self._answer(**self._accept(values, lang))

    @form_route("/huolie/invite/look", methods=("POST",))
    def look(self, **kwargs):
        """Tell the page whose seat a link is for, or that the link is dead."""
        self._begin(kwargs.get("lang"))
        seat = self._find_seat(self._texts(("token",))["token"])
        if not seat:
            return self._answer(errors={"form": self._get_dead_link_text()})
        return self._answer(
            enterprise=seat.enterprise_id.name, name=seat.name, email=seat.email
        )

    def _find_seat(self, token):
        """Find a seat; wrong links are counted per address, right ones are not."""
        address, hour = request.httprequest.remote_addr, timedelta(hours=1)
        key, cr = f"invite:{address}", request.env.cr
        seats = request.env["huolie.seat"].sudo()
        if throttle.hits(cr, key, hour) >= TRIES_PER_HOUR:
            return seats
        seat = seats._find_by_token(token)
        if not seat:
            throttle.hit(cr, key, TRIES_PER_HOUR, hour)
        return seat

    def _accept(self, values, lang):
        seat = self._find_seat(values["token"])
        if not seat:
            return {"errors": {"form": self._get_dead_link_text()}}
        errors = self._check(values)
        if errors:
            return {"errors": errors}
        email = checks.email(values["email"])
        user = seat._accept(
            {
                "contact": checks.text(values["name"], 50),
                "email": email,
                "password": values["password"],
                "lang": lang,
            }
        )
        if not user:
            return {"errors": {"form": self._get_dead_link_text()}}
        request.session.logout(keep_db=True)
        return {"redirect": self._log_in(email, values["password"]) or "/huolie/login"}

    def _check(self, values):
        _ = request.env._
        errors = {}
        email = checks.email(values["email"])
        if not checks.text(values["name"], 50):
            errors["name"] = _("Please enter your name (at most 50 characters).")
        if not email:
            errors["email"] = _(
                "Please enter an e-mail address such as name@example.com."
            )
        elif request.env["huolie.registration"]._find_user(email):
            # Never where it exists: that would tell who works with whom.
            errors["email"] = _("This address cannot be used here. Take another one.")
        fault = request.env["res.users"]._get_password_fault(
            values["password"], (values["email"].split("@")[0],)
        )
        if fault:
            errors["password"] = fault
        return errors

    def _get_dead_link_text(self):
        return request.env._(
            "This invitation was used, withdrawn or has expired. Ask your administrator"
            " for a new link."
        )
