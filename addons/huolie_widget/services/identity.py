"""Who the visitor says to be: ``huolie.identify``, ``huolie.set``, pre-chat form."""

import json

from odoo.addons.huolie_chat.services import clean, limits, settings, tokens
from odoo.addons.huolie_chat.services.db import Statement, run
from odoo.addons.huolie_chat.services.errors import Refused
from odoo.addons.huolie_chat.services.fastpath import register

PARTS = {"name": 100, "phone": 40, "email": 120, "wechat": 60}
MAX_ATTRS = 20
# Facts of one visitor in all (characters of JSON): later ones then replace them.
MOST_ATTRS = 20000

# A word without proof fills what is empty; a signed one is believed.
LEARN = Statement(
    "identity_learn",
    ["int", "text", "text", "text", "text", "text", "text"],
    f"""
    UPDATE huolie_visitor v
       SET name = CASE WHEN $6 IS NULL THEN COALESCE(v.name, $2)
                       ELSE COALESCE($2, v.name) END,
           phone = CASE WHEN $6 IS NULL THEN COALESCE(v.phone, $3)
                        ELSE COALESCE($3, v.phone) END,
           email = CASE WHEN $6 IS NULL THEN COALESCE(v.email, $4)
                        ELSE COALESCE($4, v.email) END,
           wechat = CASE WHEN $6 IS NULL THEN COALESCE(v.wechat, $5)
                         ELSE COALESCE($5, v.wechat) END,
           external_id = COALESCE($6, v.external_id),
           attrs = CASE WHEN $7 IS NULL THEN v.attrs
                        WHEN length(v.attrs::text) > {MOST_ATTRS} THEN $7::jsonb
                        ELSE COALESCE(v.attrs, '{{}}'::jsonb) || $7::jsonb END
     WHERE v.id = $1
    """,
)


def read_attrs(body):
    """Return the facts about a visit as JSON text, or None.

    :raise Refused: ``type`` 400, ``long`` 422
    """
    attrs = clean.mapping(body, "attrs")
    if len(attrs) > MAX_ATTRS:
        raise Refused("long", 422, field="attrs")
    texts = {}
    for name, value in attrs.items():
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise Refused("type", 400, field="attrs")
        texts[clean.sane(name)[:60]] = clean.sane(value)[:500]
    return json.dumps(texts) if texts else None


def proved_id(call, claims, who):
    """Return the website's own id of the visitor when its signature is right.

    :raise Refused: ``signature`` 403
    """
    external_id = clean.text(who, "id", 100)
    if not external_id:
        return None
    secret = settings.site_of(call.db, call.cr, claims["s"])["secret"]
    if not tokens.check_id(secret, external_id, clean.text(who, "sig", 128)):
        raise Refused("signature", 403)
    return external_id


@register("/huolie/v/who")
def who(call, body):
    """Learn who the visitor is. ``who``: ``id sig name phone email wechat``.

    Manual: D6. Without a right ``sig`` an ``id`` is refused; what else is said fills
    only what is not known, so that nobody takes over another's name (SECURITY V14).

    :return: ``{}``
    :raise Refused: ``signature`` 403, ``type`` 400, ``long`` 422, ``limit`` 429
    """
    claims = call.claims(body, "v")
    limits.take("other", call.db, claims["v"])
    said = clean.mapping(body, "who")
    parts = [clean.text(said, name, longest) for name, longest in PARTS.items()]
    attrs = read_attrs(body)
    run(call.cr, LEARN, claims["v"], *parts, proved_id(call, claims, said), attrs)
    return {}
