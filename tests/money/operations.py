"""What the workers can do; each function is one transaction of the product.

They call the methods that the screens call, as the users who would.
"""

import base64
import random
from datetime import timedelta

NUMBERS = random.SystemRandom()


def _enterprise(env, code):
    return env["huolie.enterprise"].search([("code", "=", code)])


def _as_admin(env, enterprise):
    return enterprise.with_user(enterprise._get_admins()[0])


def _finance(env, number):
    return env["res.users"].search([("login", "=", f"money.finance{number}")])


def _manager(env):
    return env["res.users"].search([("login", "=", "money.manager")])


def setup(env):
    """Two finance people, a manager, prices, settings."""
    group = env.ref("huolie_base.group_operator_finance")
    users = env["res.users"].with_context(no_reset_password=True)
    for number in (1, 2):
        if not _finance(env, number):
            users.create(
                {
                    "name": f"Finance {number}",
                    "login": f"money.finance{number}",
                    "email": f"money.finance{number}@example.com",
                    "group_ids": [(6, 0, group.ids)],
                }
            )
    if not _manager(env):
        users.create(
            {
                "name": "Manager",
                "login": "money.manager",
                "group_ids": [
                    (6, 0, env.ref("huolie_base.group_operator_manager").ids)
                ],
            }
        )
    prices = env["huolie.price"]
    prices.search([]).active = False
    env.flush_all()
    prices.create({"service": "seat", "price": 199.0, "min_quantity": 1})
    prices.create({"service": "seat", "price": 177.77, "min_quantity": 4})
    prices.create({"service": "robot", "price": 299.0, "min_quantity": 1})
    account = {"name": "Seller", "bank": "Bank", "number": "6222 0001"}
    if not env["huolie.bank.account"].search([], limit=1):
        env["huolie.bank.account"].create(account)
    config = env["huolie.billing.config"]._get()
    config.write({"minimum_transfer": 1, "minimum_online": 1, "grace_days": 0})
    env["ir.cron"].search([]).active = False


def register(env, name, seats=2, robot=False):
    """A formal enterprise with active seats; returns its code."""
    enterprise = env["huolie.enterprise"]._register_enterprise(
        {
            "name": name,
            "contact": name,
            "email": f"{name.lower()}@example.com",
            "phone": "13800138000",
            "password": "Abcd1234!",
        }
    )
    enterprise.write({"verified": True, "state": "formal", "trial_until": False})
    add_seats(env, enterprise.code, seats)
    return enterprise.code


def add_seats(env, code, count=1):
    """New active seats."""
    enterprise = _enterprise(env, code)
    vals = {"enterprise_id": enterprise.id, "name": "S", "state": "active"}
    return env["huolie.seat"].create([dict(vals) for _ in range(count)]).ids


def file_transfer(env, code, fen, name=None):
    """File a bank transfer; returns its id."""
    enterprise = _enterprise(env, code)
    today = enterprise._get_today()
    vals = {"payer_name": name or enterprise.name, "paid_on": today}
    return _as_admin(env, enterprise)._file_transfer(fen, vals).id


def approve(env, recharge, finance=1):
    """Approve a transfer as a finance person."""
    record = env["huolie.recharge"].browse(recharge).with_user(_finance(env, finance))
    if record.hold_reason:
        record.hold_note = "checked"
    record.action_approve()


def reject(env, recharge):
    """Reject a transfer."""
    record = env["huolie.recharge"].browse(recharge).with_user(_finance(env, 1))
    record._reject("nothing arrived")


def withdraw(env, recharge):
    """Withdraw a transfer as its admin."""
    record = env["huolie.recharge"].browse(recharge)
    record.with_user(record.enterprise_id._get_admins()[0]).action_withdraw()


def import_statement(env, lines, code, finance=1):
    """Import a statement of the bank as a finance person; returns its id.

    :param list lines: ``[recharge's id or None, fen, serial]``; the last one is with
        the code that the enterprise ``code`` will file under, and nobody's payer
    """
    rows = ["日期,收入,支出,余额,对方户名,对方账号,附言,流水号"]
    for recharge, fen, serial in lines:
        record = env["huolie.recharge"].browse(recharge or [])
        mark = record.code or _enterprise(env, code)._get_remark_code()
        name = record.enterprise_id.name or "Somebody"
        day = env["huolie.enterprise"]._get_today()
        rows.append(f"{day},{fen / 100:.2f},,,{name},6222,{mark},{serial}")
    content = "\n".join(rows).encode("gb18030")
    vals = {"file": base64.b64encode(content), "file_name": "a.csv"}
    pages = env["huolie.bank.import"].with_user(_finance(env, finance))
    statement = pages.create(vals)
    statement.action_import()
    return statement.id


def approve_sure(env, statement, finance=2):
    """Approve what fits in a statement, as the page with the bar does."""
    pages = env["huolie.bank.import"].with_user(_finance(env, finance))
    ids = pages.browse(statement).action_approve_sure()["params"]["ids"]
    results = pages.env["huolie.recharge"].browse(ids[:20]).approve_batch()
    return [row["state"] for row in results]


def line_step(env, step):
    """``unmatch ignore match_again`` the last lines of the bank that can be."""
    state = "matched" if step == "unmatch" else "new"
    lines = env["huolie.bank.line"].with_user(_finance(env, 1))
    lines = lines.search([("state", "=", state)], order="id desc", limit=2)
    getattr(lines, f"action_{step}")()


def open_online(env, code, fen):
    """An online order as if the gateway had given a QR code; returns id, reference."""
    enterprise = _enterprise(env, code)
    recharges = env["huolie.recharge"]
    provider = env.ref("huolie_billing.payment_provider_wechat")
    if provider.state != "test":
        provider.state = "test"
    recharge = recharges.create(
        {
            "enterprise_id": enterprise.id,
            "code": enterprise._new_remark_code(),
            "method": "wechat",
            "state": "waiting",
            "amount": fen / 100,
            "currency_id": enterprise._get_wallet().currency_id.id,
            "expires_at": provider._get_huolie_expiry(),
        }
    )
    recharge._create_tx(provider)._set_pending()
    return {"id": recharge.id, "reference": recharge.code, "code": code}


def notice(env, reference, fen, event, state="paid"):
    """One checked notice of the gateway, as the route hands it on."""
    provider = env.ref("huolie_billing.payment_provider_wechat")
    data = {
        "reference": reference,
        "state": state,
        "fen": fen,
        "currency": "CNY",
        "provider_reference": "42",
    }
    return env["huolie.gateway.notice"]._take(provider, event, data).ids


def set_gateway(env, values):
    """Let our provider of WeChat Pay talk to a simulated gateway; its notice path."""
    provider = env.ref("huolie_billing.payment_provider_wechat")
    provider.write(values)
    return f"/huolie/pay/wechat/{provider.id}"


def order_online(env, code, fen):
    """An order that is opened at the gateway; returns id and reference."""
    admin = _as_admin(env, _enterprise(env, code))
    recharge = env["huolie.recharge"].with_user(admin.env.user)
    recharge = recharge._open_online(admin, "wechat", fen)
    return {"id": recharge.id, "reference": recharge.code}


def refund_notice(env, data, event):
    """One checked notice about a refund, as the route hands it on."""
    provider = env.ref("huolie_billing.payment_provider_wechat")
    return bool(env["huolie.gateway.notice"]._take(provider, event, data))


def sweep_refunds(env, patient=True):
    """Ask about the refunds on their way; impatiently about all of them."""
    refunds = env["huolie.refund"]
    if patient:
        refunds._cron_sweep()
    else:
        refunds.search([("state", "=", "sent")])._drive_safely()


def open_seats(env, code, key, count=1, months=1, robot=False):
    """Open service for seats without one."""
    enterprise = _enterprise(env, code)
    free = enterprise.seat_ids.filtered(
        lambda s: s.state == "active" and not s._is_served()
    )
    codes = ["robot"] if robot else []
    admin = _as_admin(env, enterprise)
    return admin._open_service(free[:count], codes, months, key).id


def open_these(env, code, seats, key):
    """Open service for given seats (fails when one is open already)."""
    enterprise = _as_admin(env, _enterprise(env, code))
    return enterprise._open_service(env["huolie.seat"].browse(seats), [], 1, key).id


def renew(env, code, months, key):
    """Renew by hand."""
    return _as_admin(env, _enterprise(env, code))._renew(months, key).id


def hand_over(env, code):
    """The next seat in turn gets another person; costs nothing."""
    enterprise = _enterprise(env, code)
    seats = enterprise.seat_ids.filtered(lambda s: s.state != "stopped")
    seat = seats.sorted("write_date")[:1]
    if seat.user_id:
        seat.action_hand_over()
    elif seat.state == "draft":
        seat.action_invite()
    mail = f"p{NUMBERS.random()}@example.com"
    if seat.state == "invited":
        seat._accept({"contact": "P", "email": mail, "password": "Abcd1234!"})
        seat.action_activate()
    elif not seat.user_id:
        seat.write({"state": "draft"})
    return seat.id


def stop_seat(env, code):
    """Stop the last seat, or activate it again."""
    seat = _enterprise(env, code).seat_ids[-1:]
    if seat.state == "stopped":
        seat.state = "active"
    else:
        seat.action_stop()


def renewal_run(env):
    """The nightly run over everything that is due, as the cron does it."""
    model = env["huolie.enterprise"]
    due = model.search_count(model._get_due_domain())
    model._cron_renew()
    return due


def remind(env):
    """The reminders of the day."""
    env["huolie.enterprise"]._cron_remind()


def toggle_auto(env, code):
    """Switch automatic renewal."""
    _as_admin(env, _enterprise(env, code)).action_set_auto_renew()


def toggle_seat(env, code):
    """Leave the first seat out of the renewal, or take it in again."""
    enterprise = _enterprise(env, code)
    enterprise.seat_ids[:1].with_user(enterprise._get_admins()[0]).action_toggle_renew()


def freeze(env, code, frozen):
    """Freeze or give free."""
    enterprise = _enterprise(env, code)
    if enterprise.state in ("formal", "frozen"):
        enterprise.state = "frozen" if frozen else "formal"


def invoice(env):
    """Invoice the past months, as the cron does it."""
    env["huolie.charge"]._cron_invoice()


def invoice_now(env, code):
    """Invoice one enterprise up to today, as finance."""
    charges = env["huolie.charge"].with_user(_finance(env, 1))
    mine = [("enterprise_id.code", "=", code), ("move_id", "=", False)]
    charges.search(mine, limit=1).action_invoice_now()


def ask_correction(env, code, share, pick):
    """Ask to give one of the last charges back, a share of it; the request's id."""
    domain = [("enterprise_id.code", "=", code), ("kind", "!=", "correction")]
    charges = env["huolie.charge"].search(domain, order="id desc", limit=4)
    if not charges:
        return None
    charge = charges[pick % len(charges)]
    fen = max(1, round(charge.amount * 100 * share))
    return ask_refund(env, code, "charge", fen, charge.id)


def ask_refund(env, code, kind, fen, source=None):
    """Ask for a refund or correction as the first finance person; returns its id."""
    vals = {
        "enterprise_id": _enterprise(env, code).id,
        "kind": kind,
        "amount": fen / 100,
        "reason": "test",
    }
    if source:
        vals["charge_id" if kind == "charge" else "recharge_id"] = source
    return env["huolie.refund"].with_user(_finance(env, 1)).create(vals).id


def refund_step(env, refund, step, finance=2):
    """``approve refuse settle release gateway`` as the second finance person."""
    record = env["huolie.refund"].browse(refund).with_user(_finance(env, finance))
    getattr(record, f"action_{step}")()


def ask_fapiao(env, code):
    """Ask for a fapiao over every charge without one."""
    enterprise = _enterprise(env, code)
    domain = [("enterprise_id", "=", enterprise.id), ("fapiao_id", "=", False)]
    vals = {
        "kind": "normal",
        "title": enterprise.name,
        "tax_number": "91110000600037341L",
        "email": "a@example.com",
    }
    charges = env["huolie.charge"].search(domain)
    if not charges:
        return None
    return env["huolie.fapiao"]._request(enterprise, charges, vals).id


def fapiao_step(env, fapiao, step):
    """``accept issue deliver reject red`` as finance."""
    record = env["huolie.fapiao"].browse(fapiao).with_user(_finance(env, 1))
    if step == "issue":
        number = "".join(NUMBERS.choice("0123456789") for _ in range(20))
        record.write({"number": number, "file": base64.b64encode(b"%PDF-1.7")})
    if step == "red":
        record.red_number = "1" * 20
    if step == "reject":
        record.answer = "no"
    getattr(record, f"action_{step}")()


def price(env, fen):
    """A new price of the first step."""
    step = env["huolie.price"].search([("service", "=", "seat")], limit=1)
    step.price = fen / 100


def gift(env, code, percent=0, fen=0, days=40):
    """Grant a gift as the manager; returns its id."""
    enterprise = _enterprise(env, code)
    vals = {
        "enterprise_id": enterprise.id,
        "kind": "percent" if percent else "amount",
        "percent": percent or 10,
        "amount": fen / 100,
        "reason": "test",
        "until": enterprise._get_today() + timedelta(days=days),
    }
    return env["huolie.gift"].with_user(_manager(env)).create(vals).id


def end_gift(env, gift):
    """End a gift as the manager."""
    env["huolie.gift"].browse(gift).with_user(_manager(env)).action_end()


def compare_books(env):
    """Compare the books; returns the differences."""
    check = env["huolie.books.check"]._run()
    return check.line_ids.read(["enterprise_id", "balance", "advance", "uninvoiced"])


# === ONLY FOR THE BENCHMARK === #
def balance(env, code):
    """The balance in fen."""
    return _enterprise(env, code)._get_wallet()._get_balance()


def open_any(env, code, prefix, count=1):
    """Open a seat with a key of its own for every call."""
    key = f"{prefix}:{NUMBERS.random()}"
    return open_seats(env, code, key, count)


def bench_invoices(env):
    """The invoicing of the cron; how many invoices were to be made."""
    charges = env["huolie.charge"]
    before = env["huolie.enterprise"]._get_today().replace(day=1)
    due = len(charges._find_to_invoice(before))
    charges._cron_invoice()
    return due


# === ONLY FOR MIDNIGHT === #
def seat_people(env, code):
    """Put a person on each seat of an enterprise who has none."""
    for seat in _enterprise(env, code).seat_ids.filtered(lambda s: not s.user_id):
        login = f"agent.{code}.{seat.number}@example.com"
        seat.user_id = env["res.users"].create(
            {"name": login, "login": login, "enterprise_id": seat.enterprise_id.id}
        )


def visitor(env, code, at):
    """What a visitor meets who arrives when the database's clock shows ``at``.

    The engine reads that clock, which nobody can set: the dates are moved instead,
    and moved back.
    """
    enterprise = _enterprise(env, code)
    env.flush_all()
    env.cr.execute("SAVEPOINT arrival")
    for table, where in (
        ("huolie_agent_state", "enterprise_id"),
        ("huolie_enterprise", "id"),
    ):
        query = (
            f"UPDATE {table} SET serve_until = serve_until + (statement_timestamp()"
            f" AT TIME ZONE 'utc' - %s::timestamp) WHERE {where} = %s"
        )
        env.cr.execute(query, [at, enterprise.id])
    found = _arrive(env, enterprise)
    env.cr.execute("ROLLBACK TO SAVEPOINT arrival")
    env.invalidate_all()
    return found


def _arrive(env, enterprise):
    # the folder of the addons is known once the configuration was read
    from odoo.addons.huolie_chat.services import assign, engine, settings

    own = [("enterprise_id", "=", enterprise.id)]
    site, group = env["huolie.site"].search(own), env["huolie.group"].search(own)
    env.cr.execute(
        "UPDATE huolie_agent_state SET online = true, status = 'online'"
        " WHERE enterprise_id = %s",
        [enterprise.id],
    )
    guest = env["huolie.visitor"].create(
        {
            "enterprise_id": enterprise.id,
            "site_id": site.id,
            "uid": f"{NUMBERS.getrandbits(128):032x}",
        }
    )
    env.flush_all()
    settings.forget(env.cr.dbname)
    widget = settings.site(env.cr.dbname, env.cr, site.key)["widget"]
    conversation, _new = engine.open_conversation(
        env.cr, guest.id, group=group.id, state="waiting"
    )
    state = assign.enter_queue(env.cr, conversation, group.id)["state"]
    settings.forget(env.cr.dbname)
    return {"widget": widget, "state": state}
