import base64
import io
import logging
from collections import Counter
from datetime import timedelta

import qrcode
from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.huolie_base.services import throttle

from ..services import money
from ..services.gateway import GatewayError

_logger = logging.getLogger(__name__)
# After a notice said "paid", whatever we thought of the order before.
PAYABLE = ("waiting", "expired", "withdrawn")
# How long after its end a payment of an order may still come in.
LATE = timedelta(minutes=10)
# Orders of one enterprise that wait to be paid at the same time.
MOST_OPEN = 20
# Questions without an answer after which a run asks a gateway no more: the next one
# is minutes away, and each question waits long.
MOST_SILENT = 3
SYSTEM = "base.group_system"
# An answer that is not to be trusted: wrong keys or a wrong clock here, most likely.
MISTRUST = ("old", "bad_signature", "unknown_serial", "bad_key", "other_merchant")


class HuolieRecharge(models.Model):
    """Recharge by WeChat Pay or Alipay: order, QR code, notice, sweeper."""

    _inherit = "huolie.recharge"

    tx_id = fields.Many2one(
        comodel_name="payment.transaction",
        string="Transaction",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups="huolie_base.group_operator_finance,huolie_base.group_operator_manager",
    )
    pay_url = fields.Char(string="Address to pay at", readonly=True, copy=False)
    expires_at = fields.Datetime(string="Expires at", readonly=True, copy=False)
    asked_last = fields.Boolean(
        string="Asked after its end", readonly=True, copy=False, groups=SYSTEM
    )
    qr = fields.Binary(string="QR code", compute="_compute_qr")

    _ended = models.Index(
        "(expires_at) WHERE asked_last IS NOT TRUE"
        " AND state IN ('withdrawn', 'expired')"
    )

    @api.depends("pay_url", "state", "method")
    def _compute_qr(self):
        for recharge in self:
            recharge.qr = False
            if recharge.state == "waiting" and recharge.method == "wechat":
                out = io.BytesIO()
                qrcode.make(recharge.pay_url or "", box_size=6, border=2).save(
                    out, "PNG"
                )
                recharge.qr = base64.b64encode(out.getvalue())

    # === THE ENTERPRISE PAYS === #
    @api.model
    def _open_online(self, enterprise, method, fen, resume=None):
        """Open an order at the gateway and show how to pay it.

        :param str method: ``wechat`` or ``alipay``
        :param str resume: what was to be bought, to go on with it when it is paid
        :raise UserError: when the way of paying is off or the gateway refuses
        """
        enterprise._check_can_recharge()
        provider = self.env["payment.provider"]._get_huolie_provider(method)
        if not provider:
            raise UserError(self.env._("This way of paying is not available now."))
        self._check_open_orders(enterprise)
        recharge = self.sudo().create(
            {
                "enterprise_id": enterprise.id,
                "code": enterprise._new_remark_code(),
                "method": method,
                "state": "waiting",
                "amount": money.from_fen(fen),
                "currency_id": enterprise._get_wallet().currency_id.id,
                "filer_id": self.env.uid,
                "expires_at": provider._get_huolie_expiry(),
                "resume": resume,
            }
        )
        tx = recharge._create_tx(provider)
        recharge.pay_url = provider._huolie_create_order(tx, recharge.expires_at)
        tx._set_pending()
        return recharge

    @api.model
    def _check_open_orders(self, enterprise):
        mine = [("enterprise_id", "=", enterprise.id), ("state", "=", "waiting")]
        if self.sudo().search_count(mine, limit=MOST_OPEN) >= MOST_OPEN:
            raise UserError(
                self.env._(
                    "Too many payments are open: pay one, or wait until they end."
                )
            )

    def _create_tx(self, provider):
        method = {"wechat": "wechat_pay", "alipay": "alipay"}[self.method]
        methods = self.env["payment.method"].sudo().with_context(active_test=False)
        self.tx_id = (
            self.env["payment.transaction"]
            .sudo()
            .create(
                {
                    "provider_id": provider.id,
                    "payment_method_id": methods.search(
                        [("code", "=", method)], limit=1
                    ).id,
                    "reference": self.code,
                    "amount": self.amount,
                    "currency_id": self.currency_id.id,
                    "partner_id": self.enterprise_id.partner_id.id,
                    "operation": "online_redirect",
                    "huolie_recharge_id": self.id,
                }
            )
        )
        return self.tx_id

    def get_pay_state(self):
        """Say whether the order is paid; the page asks every two seconds.

        :return: dict ``state`` and ``seconds`` left
        """
        self.ensure_one()
        self.check_access("read")
        left = (self.expires_at or fields.Datetime.now()) - fields.Datetime.now()
        return {"state": self.state, "seconds": max(0, int(left.total_seconds()))}

    def check_payment(self):
        """Ask the gateway now whether an order is paid; close it when its time is over.

        Asked by "I have paid" and when the countdown ends; three times in 15 seconds
        for an order at most.

        :return: as ``get_pay_state``, and ``answered``: whether the gateway did, None
            when it was asked often enough just now
        """
        self.ensure_one()
        self.check_access("read")
        recharge = self.sudo()
        key, window = f"pay_check:{self.id}", timedelta(seconds=15)
        answered = None
        if self.state == "waiting" and throttle.hit(self.env.cr, key, 3, window):
            try:
                recharge._sweep_one(fields.Datetime.now())
                answered = True
            except GatewayError as error:
                _logger.info("order %s could not be asked: %s", self.code, error)
                answered = False
        return {**self.get_pay_state(), "answered": answered}

    def action_give_up(self):
        """Close an unpaid order: the payer changed their mind.

        :raise AccessError: without the right to manage the account
        :raise UserError: when the gateway does not answer
        """
        if not self.env.user.has_group("huolie_base.group_account_do"):
            raise AccessError(self.env._("You may not do this."))
        self.check_access("read")
        for recharge in self.filtered(lambda r: r.state == "waiting"):
            try:
                recharge.sudo()._close_online("withdrawn")
            except GatewayError as error:
                raise UserError(
                    self.env._(
                        "The payment service does not answer. The order ends by itself"
                        " when its time is over."
                    )
                ) from error

    # === MONEY ARRIVES === #
    def _confirm_online(self, tx):
        """Credit a paid order, whatever became of it meanwhile; once."""
        self.ensure_one()
        recharge = self.sudo()
        if recharge.state == "approved":
            return
        recharge._decide("approved", PAYABLE)
        recharge.amount_received = tx.amount
        recharge._credit(recharge.enterprise_id._get_today())
        tx.payment_id = recharge.payment_id

    def _get_journal(self):
        if self.method == "transfer" or not self.sudo().tx_id:
            return super()._get_journal()
        journal = self.sudo().tx_id.provider_id.journal_id
        return journal or super()._get_journal()

    def _tell_wrong_amount(self, data):
        """Tell finance that other money than ordered arrived: nothing is credited."""
        code, fen = self.code, data.get("fen") or 0
        self.enterprise_id._tell_finance(
            lambda env: env._("Payment %(code)s with another amount", code=code),
            lambda env: env._(
                "%(fen)s arrived; it is not credited. Please check at the gateway.",
                fen=money.show(fen),
            ),
        )

    def _tell_not_booked(self, why):
        """Tell finance, once a day, what keeps a paid order from being booked.

        It is tried again at each sweep: an archived journal is opened again, say.
        """
        key, code = f"not_booked:{self.id}", self.code
        if not throttle.hit(self.env.cr, key, 1, timedelta(days=1)):
            return
        self.enterprise_id._tell_finance(
            lambda env: env._("Payment %(code)s cannot be booked", code=code),
            lambda env: env._("%(code)s: %(why)s", code=code, why=why),
        )

    def _tell_other_refund(self, number):
        """Tell finance that money went back which nobody here sent back."""
        code = self.code
        self.enterprise_id._tell_finance(
            lambda env: env._("Payment %(code)s was paid back elsewhere", code=code),
            lambda env: env._(
                "The gateway made the refund %(number)s, which is not known here: it"
                " changed no balance. Please correct the balance by a request under"
                " Refunds and corrections.",
                number=number,
            ),
        )

    # === THE SWEEPER === #
    @api.model
    def _cron_sweep(self):
        """Ask about orders whose notice may be lost; close those that expired.

        What was given up or closed is asked about once more when its time is over: it
        may have been paid before it was closed, and that notice be lost too.
        """
        now = fields.Datetime.now()
        orders = self.sudo().search(self._get_sweep_domain(now), order="id")
        self.env["ir.cron"]._commit_progress(remaining=len(orders))
        silent = Counter()
        for recharge in orders:
            provider = recharge.tx_id.provider_id
            if silent[provider] < MOST_SILENT:
                answered = recharge._sweep_safely(now)
                silent[provider] = 0 if answered else silent[provider] + 1
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _get_sweep_domain(self, now):
        waiting = Domain("state", "=", "waiting") & Domain(
            "create_date", "<=", now - timedelta(minutes=2)
        )
        ended = (
            Domain("state", "in", ("withdrawn", "expired"))
            & Domain("asked_last", "=", False)
            & Domain("expires_at", "<=", now - LATE)
        )
        return waiting | ended

    def _sweep_safely(self, now):
        """Sweep one; whatever is wrong with it, the others are asked too.

        :return: whether the gateway answered something
        """
        try:
            with self.env.cr.savepoint():
                self._sweep_one(now)
        except GatewayError as error:
            level = logging.WARNING if error.code in MISTRUST else logging.INFO
            _logger.log(level, "order %s could not be asked: %s", self.code, error)
            return error.code != "unreachable"
        except OperationalError as error:
            # A notice was first: the next run sees what it did.
            _logger.info("order %s is being paid: %s", self.code, error)
            self.env.cr.rollback()
        except UserError as error:
            self._tell_not_booked(error.args[0])
        except Exception:
            _logger.exception("order %s could not be swept", self.code)
        return True

    def _sweep_one(self, now):
        answer = self._ask_gateway()
        if self.state in ("withdrawn", "expired"):
            self.asked_last = self.expires_at <= now - LATE
        if self.state != "waiting" or self.expires_at > now:
            return
        if answer == "paid":
            # Another amount than ordered: finance was told, nothing is credited.
            self._decide("expired", ("waiting",))
        else:
            self._close_online("expired")

    def _ask_gateway(self):
        """Query the order and take over the answer; return its state."""
        data = self.tx_id.provider_id._huolie_query(self.tx_id.reference)
        self.tx_id._huolie_process(data)
        return data["state"]

    def _close_online(self, state):
        """Close the order and ask once more: it may have been paid just before.

        :raise GatewayError: when the last question has no answer: such an order stays
            open and is asked about again, else its money could be overlooked
        """
        try:
            self.tx_id.provider_id._huolie_close(self.tx_id.reference)
        except GatewayError as error:
            _logger.info("order %s could not be closed: %s", self.code, error)
        answer = self._ask_gateway()
        if answer == "paid" or self.state != "waiting":
            return
        self._decide(state, ("waiting",))
        self.tx_id._set_canceled()
        if answer == "refunded":
            # Paid and paid back before we heard of it, by somebody at the gateway.
            self._tell_other_refund(self.code)
