"""A message left through the form becomes a lead in the public pool (C12)."""

import re

from . import clean
from .errors import Refused

COLUMNS = {"name": 100, "phone": 40, "email": 120, "wechat": 60, "company": 120}
MAX_FIELDS = 30
EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
PHONE = re.compile(r"^[+0-9()\-. ]{5,40}$")


def read_fields(fields):
    """Return the answers of a form as texts.

    :raise Refused: ``fields`` 422 with the reason of each wrong field
    """
    wrong, values = {}, {}
    for name, value in list(fields.items())[:MAX_FIELDS]:
        if not isinstance(value, str) or not re.fullmatch(r"\w{1,40}", name):
            raise Refused("type", 400, field="fields")
        value = clean.sane(value).strip()
        if len(value) > COLUMNS.get(name, clean.MAX_TEXT):
            wrong[name] = "long"
        elif value:
            values[name] = value
    if values.get("email") and not EMAIL.match(values["email"]):
        wrong["email"] = "invalid"
    if values.get("phone") and not PHONE.match(values["phone"]):
        wrong["phone"] = "invalid"
    if wrong:
        raise Refused("fields", 422, fields=wrong)
    return values


def leave(env, site_id, visitor_id, values, uid, conversation_id=None):
    """Store a message left, once per ``uid``.

    :param dict values: as ``read_fields`` returns them
    :return: the lead
    :raise Refused: ``fields`` 422
    """
    site = env["huolie.site"].browse(site_id)
    wrong = site._check_form(values)
    if wrong:
        raise Refused("fields", 422, fields=wrong)
    lead_model = env["huolie.lead"]
    known = lead_model.search(
        [("visitor_id", "=", visitor_id), ("client_uid", "=", uid)], limit=1
    )
    if known:
        return known
    _learn(env["huolie.visitor"].browse(visitor_id), values)
    return lead_model.create(
        _prepare_lead_vals(site, visitor_id, values, uid, conversation_id)
    )


def _prepare_lead_vals(site, visitor_id, values, uid, conversation_id):
    labels = site._get_form_labels()
    known = {"name", "phone", "email", "wechat", "body"}
    rest = {
        labels.get(k, k): v for k, v in values.items() if k not in known | {"company"}
    }
    return {
        "enterprise_id": site.enterprise_id.id,
        "site_id": site.id,
        "visitor_id": visitor_id,
        "conversation_id": conversation_id,
        "client_uid": uid,
        "source": "form",
        "company_name": values.get("company"),
        "payload": rest or False,
        **{name: values.get(name) for name in known},
    }


def _learn(visitor, values):
    """Remember who the visitor says to be, where nothing was known."""
    new = {
        name: values[name]
        for name in ("name", "phone", "email", "wechat")
        if values.get(name) and not visitor[name]
    }
    if new:
        visitor.write(new)
