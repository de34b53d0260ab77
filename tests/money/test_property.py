"""Seeded random sequences of every operation with real processes (promise 2).

Clock moves over month ends and leap days, processes are killed at random points, the
same order goes to several processes at once. After every step all invariants hold.
``MONEY_STEPS`` (default 500; 10000 in the long run) and ``MONEY_SEED`` choose the run.
"""

import calendar
import os
import random
import time
from datetime import datetime, timedelta

import pytest

from odoo.addons.huolie_billing.services import wechat
from odoo.addons.huolie_billing.tests.gateway import Gateway

from .invariants import broken

STEPS = int(os.environ.get("MONEY_STEPS", "500"))
SEED = int(os.environ.get("MONEY_SEED", "20261122"))
EVENTS = (
    ("file", 10),
    ("approve", 14),
    ("reject", 2),
    ("withdraw", 2),
    ("statement", 6),
    ("approve_sure", 5),
    ("line_step", 3),
    ("online", 8),
    ("notice", 12),
    ("open", 12),
    ("renew", 6),
    ("run", 8),
    ("remind", 2),
    ("toggle", 4),
    ("freeze", 3),
    ("invoice", 4),
    ("invoice_now", 1),
    ("refund", 6),
    ("correction", 4),
    ("refund_step", 8),
    ("gateway_refund", 5),
    ("gateway_send", 6),
    ("gateway_news", 6),
    ("sweep_refunds", 4),
    ("fapiao", 3),
    ("fapiao_step", 6),
    ("price", 2),
    ("seat", 2),
    ("hand_over", 2),
    ("gift", 3),
    ("end_gift", 1),
    ("stop_seat", 2),
    ("compare", 1),
    ("clock", 14),
)


class Story:
    """One random life of a few enterprises."""

    def __init__(self, pool, seed, gateway):
        self.pool, self.rng = pool, random.Random(seed)
        self.now = datetime(2024, 1, 29, 3)
        self.gateway = gateway
        gateway.clock = lambda: calendar.timegm(self.now.timetuple())
        pool.call(
            "set_gateway", values=gateway.values("huolie_wechat"), now=self._now()
        )
        self.codes = [
            pool.call("register", name=f"P{seed}x{n}", seats=n + 1, now=self._now())
            for n in range(4)
        ]
        self.filed, self.orders, self.refunds, self.fapiao = [], [], [], []
        self.gifts, self.statements, self.amounts = [], [], {}
        self.known = {"charge": [], "recharge": []}
        self.online, self.by_gateway = {}, []
        self.serial = 0
        self.done = {"ok": 0, "refused": 0, "killed": 0, "busy": 0}
        self.per_op = {}

    def _now(self):
        return self.now.strftime("%Y-%m-%d %H:%M:%S")

    def key(self):
        """A key that no click had before."""
        self.serial += 1
        return f"p:{self.serial}"

    def step(self):
        """Do one random thing."""
        names, weights = zip(*EVENTS, strict=True)
        return getattr(self, f"do_{self.rng.choices(names, weights)[0]}")()

    def order(self, op, **args):
        """Give an order to one process, sometimes to two, or with a kill."""
        chance = self.rng.random()
        if chance < 0.01:
            return self._kill(op, args)
        if chance < 0.15:
            results = self._twice(op, args)
        else:
            worker = self.rng.choice(self.pool.workers)
            results = [worker.call(op, now=self._now(), **args)]
        for result in results:
            kind = next(iter(result))
            if kind == "error":
                assert result["error"].startswith("busy"), (op, args, result["error"])
                kind = "busy"
            self.done[kind] += 1
            self.per_op.setdefault(op, {}).setdefault(kind, 0)
            self.per_op[op][kind] += 1
        values = [r["ok"] for r in results if "ok" in r]
        return values[0] if values else None

    def _twice(self, op, args):
        workers = self.rng.sample(self.pool.workers, 2)
        for worker in workers:
            worker.send(op, now=self._now(), **args)
        return [worker.receive()[0] for worker in workers]

    def _kill(self, op, args):
        worker = self.rng.choice(self.pool.workers)
        worker.send(op, now=self._now(), **args)
        time.sleep(self.rng.random() * 0.15)
        worker.kill()
        worker.start()
        self.done["killed"] += 1

    def code(self):
        return self.rng.choice(self.codes)

    def fen(self):
        return self.rng.choice((100, 19900, 50000, 99999, 200000, 1234567))

    # === EVENTS === #
    def do_file(self):
        fen = self.fen()
        recharge = self.order("file_transfer", code=self.code(), fen=fen)
        if recharge:
            self.filed.append(recharge)
            self.amounts[recharge] = fen

    def do_approve(self):
        if self.filed:
            recharge = self.rng.choice(self.filed[-6:])
            self.order("approve", recharge=recharge, finance=self.rng.choice((1, 2)))
            self.known["recharge"].append(recharge)

    def do_reject(self):
        if self.filed:
            self.order("reject", recharge=self.rng.choice(self.filed[-6:]))

    def do_withdraw(self):
        if self.filed:
            self.order("withdraw", recharge=self.rng.choice(self.filed[-6:]))

    def do_statement(self):
        lines = []
        for recharge in self.rng.sample(self.filed[-6:], min(2, len(self.filed))):
            self.serial += 1
            declared = self.amounts[recharge]
            fen = self.rng.choice((declared, declared, self.fen()))
            lines.append([recharge, fen, f"b{self.serial}"])
        self.serial += 1
        lines.append([None, self.fen(), f"b{self.serial}"])
        statement = self.order(
            "import_statement",
            lines=lines,
            code=self.code(),
            finance=self.rng.choice((1, 2)),
        )
        if statement:
            self.statements.append(statement)

    def do_approve_sure(self):
        if self.statements:
            statement = self.rng.choice(self.statements[-4:])
            finance = self.rng.choice((1, 2))
            self.order("approve_sure", statement=statement, finance=finance)

    def do_line_step(self):
        self.order(
            "line_step", step=self.rng.choice(("unmatch", "ignore", "match_again"))
        )

    def do_online(self):
        fen = self.fen()
        order = self.order("open_online", code=self.code(), fen=fen)
        if order:
            self.orders.append((order["reference"], fen))
            self.online[order["reference"]] = {**order, "fen": fen}
            self.gateway.pay(order["reference"], fen)

    def do_notice(self):
        if not self.orders:
            return
        reference, fen = self.rng.choice(self.orders[-6:])
        event = self.rng.choice((f"e-{reference}", self.key(), ""))
        state = self.rng.choice(("paid", "paid", "paid", "closed", "refunded"))
        fen += self.rng.choice((0, 0, 0, 0, 1, -1))
        self.order("notice", reference=reference, fen=fen, event=event, state=state)

    def do_open(self):
        self.order(
            "open_seats",
            code=self.code(),
            key=self.key(),
            count=self.rng.randint(0, 3),
            months=self.rng.choice((1, 1, 3, 6, 12)),
            robot=self.rng.random() < 0.3,
        )

    def do_renew(self):
        months = self.rng.choice((1, 1, 3, 12))
        self.order("renew", code=self.code(), months=months, key=self.key())

    def do_run(self):
        self.order("renewal_run")

    def do_remind(self):
        self.order("remind")

    def do_toggle(self):
        self.order(self.rng.choice(("toggle_auto", "toggle_seat")), code=self.code())

    def do_freeze(self):
        self.order("freeze", code=self.code(), frozen=self.rng.random() < 0.3)

    def do_invoice(self):
        self.order("invoice")

    def do_refund(self):
        kind = self.rng.choice(("payout", "payout", "recharge"))
        source = None
        if kind == "recharge":
            if not self.known["recharge"]:
                return
            source = self.rng.choice(self.known["recharge"])
        fen = self.rng.choice((100, 5000, 19900))
        refund = self.order(
            "ask_refund", code=self.code(), kind=kind, fen=fen, source=source
        )
        if refund:
            self.refunds.append(refund)

    def do_gateway_refund(self):
        if not self.online:
            return
        order = self.rng.choice(list(self.online.values())[-5:])
        refund = self.order(
            "ask_refund",
            code=order["code"],
            kind="payout",
            fen=self.rng.choice((100, 5000, order["fen"])),
            source=order["id"],
        )
        if refund:
            self.refunds.append(refund)
            self.by_gateway.append(refund)

    def do_gateway_send(self):
        if self.by_gateway:
            step = self.rng.choice(("approve", "gateway", "gateway"))
            refund = self.rng.choice(self.by_gateway[-4:])
            self.order("refund_step", refund=refund, step=step)

    def do_gateway_news(self):
        """The gateway makes up its mind, and sometimes its notice arrives."""
        self.gateway.refund_status = self.rng.choice(("PROCESSING", "SUCCESS"))
        open_ones = [
            number
            for number, refund in self.gateway.refunds.items()
            if refund["status"] == "PROCESSING"
        ]
        numbers = open_ones[-4:] or list(self.gateway.refunds)[-4:]
        if not numbers:
            return
        number = self.rng.choice(numbers)
        if number in open_ones:
            news = ("SUCCESS", "SUCCESS", "ABNORMAL", "CLOSED")
            self.gateway.refunds[number]["status"] = self.rng.choice(news)
        if self.rng.random() < 0.6:
            data = wechat.read_refund(self.gateway.wechat_refund(number))
            event = self.rng.choice((f"r-{number}-{data['state']}", self.key(), ""))
            self.order("refund_notice", data=data, event=event)

    def do_sweep_refunds(self):
        self.order("sweep_refunds", patient=self.rng.random() < 0.5)

    def lost_refunds(self, connection):
        """Refunds that the gateway paid and that are neither held nor booked."""
        paid = [n for n, r in self.gateway.refunds.items() if r["status"] == "SUCCESS"]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, state FROM huolie_refund WHERE gateway_number = ANY(%s)"
                " AND state NOT IN ('sent', 'held', 'done')",
                [paid],
            )
            return cursor.fetchall()

    def do_correction(self):
        share = self.rng.choice((0.1, 0.5, 1))
        pick = self.rng.randrange(4)
        refund = self.order("ask_correction", code=self.code(), share=share, pick=pick)
        if refund:
            self.refunds.append(refund)

    def do_refund_step(self):
        if self.refunds:
            step = self.rng.choice(
                ("approve", "approve", "refuse", "settle", "release")
            )
            refund = self.rng.choice(self.refunds[-5:])
            self.order("refund_step", refund=refund, step=step)

    def do_fapiao(self):
        fapiao = self.order("ask_fapiao", code=self.code())
        if fapiao:
            self.fapiao.append(fapiao)

    def do_fapiao_step(self):
        if self.fapiao:
            step = self.rng.choice(("accept", "issue", "deliver", "reject", "red"))
            self.order(
                "fapiao_step", fapiao=self.rng.choice(self.fapiao[-4:]), step=step
            )

    def do_price(self):
        self.order("price", fen=self.rng.choice((19900, 18888, 20001)))

    def do_seat(self):
        self.order("add_seats", code=self.code())

    def do_invoice_now(self):
        self.order("invoice_now", code=self.code())

    def do_gift(self):
        size = self.rng.choice(({"percent": 10}, {"percent": 99}, {"fen": 12345}))
        days = self.rng.choice((0, 40, 400))
        gift = self.order("gift", code=self.code(), days=days, **size)
        if gift:
            self.gifts.append(gift)

    def do_end_gift(self):
        if self.gifts:
            self.order("end_gift", gift=self.rng.choice(self.gifts))

    def do_hand_over(self):
        self.order("hand_over", code=self.code())

    def do_stop_seat(self):
        self.order("stop_seat", code=self.code())

    def do_compare(self):
        differences = self.pool.call("compare_books", now=self._now())
        assert not differences, differences

    def do_clock(self):
        hours = self.rng.choice((1, 7, 13, 24, 24, 24 * 3, 24 * 9, 24 * 30))
        self.now += timedelta(hours=hours)


@pytest.fixture
def gateway():
    made = Gateway().start()
    yield made
    made.stop()


def test_random_story_keeps_every_promise(pool, connection, gateway):
    story = Story(pool, SEED, gateway)
    for number in range(STEPS):
        story.step()
        wrong = broken(connection)
        assert not wrong, f"seed {SEED}, step {number}: {wrong}"
        lost = story.lost_refunds(connection)
        assert not lost, f"seed {SEED}, step {number}: paid and given back: {lost}"
        if number % 50 == 49:
            print(f"step {number + 1}, {story.now}, {story.done}", flush=True)
    differences = pool.call("compare_books", now=story._now())
    assert not differences
    assert story.done["ok"] > STEPS / 4
    for op, kinds in sorted(story.per_op.items()):
        print(f"{op}: {kinds}")
    if STEPS >= 2000:
        idle = [op for op, kinds in story.per_op.items() if not kinds.get("ok")]
        assert not idle, f"never done: {idle}"
    print(f"seed {SEED}: {STEPS} steps until {story.now}, {story.done}")
