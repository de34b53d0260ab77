import logging
from datetime import timedelta

from psycopg2 import Error as DatabaseError

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.modules.registry import Registry

from odoo.addons.huolie_base.services import throttle

from ..services.gateway import GatewayError

_logger = logging.getLogger(__name__)
SHORTEST, LONGEST = timedelta(minutes=3), timedelta(hours=2)


class HuolieRefund(models.Model):
    """Held money on its way back through the gateway: send, ask, hear, never twice."""

    _inherit = "huolie.refund"

    is_online = fields.Boolean(
        string="Is online", compute="_compute_is_online", compute_sudo=True
    )
    gateway_number = fields.Char(
        string="Gateway number", readonly=True, copy=False, index="btree_not_null"
    )
    gateway_state = fields.Selection(
        selection=[
            ("done", "Paid back"),
            ("refused", "Refused"),
            ("closed", "Closed without paying"),
            ("abnormal", "Could not reach the payer"),
        ],
        string="Said by the gateway",
        readonly=True,
        copy=False,
        tracking=True,
    )
    gateway_note = fields.Char(string="Code of the gateway", readonly=True, copy=False)
    gateway_help = fields.Char(string="Gateway help", compute="_compute_gateway_help")
    sent_at = fields.Datetime(string="Sent to the gateway", readonly=True, copy=False)
    asked_at = fields.Datetime(string="Last asked", readonly=True, copy=False)

    @api.depends("recharge_id")
    def _compute_is_online(self):
        for refund in self:
            refund.is_online = bool(
                refund.kind == "payout" and refund.recharge_id.tx_id
            )

    @api.depends("state", "gateway_state", "gateway_note")
    @api.depends_context("lang")
    def _compute_gateway_help(self):
        for refund in self:
            refund.gateway_help = refund._get_gateway_help()

    def _get_gateway_help(self):
        """Say what the gateway did not do, and what finance can do now."""
        if self.state != "held":
            return ""
        code = self.gateway_note or ""
        if self.gateway_state == "refused":
            return self.env._(
                "The gateway refused to pay back (%s). Mend the cause and try again,"
                " pay it out by bank, or give it back to the balance.",
                code,
            )
        if self.gateway_state == "closed":
            return self.env._(
                "The gateway closed this refund without paying. Try again, pay it out"
                " by bank, or give it back to the balance."
            )
        if self.gateway_state == "abnormal":
            return self.env._(
                "The gateway could not pay this to the payer's account. Do one of these"
                " only: finish it on the gateway's own merchant page (it is then done"
                " here by itself), pay it out by bank, or give it back to the balance."
            )
        return ""

    def _is_paid_by_gateway(self):
        return self.gateway_state == "done"

    # === FINANCE === #
    def action_gateway(self):
        """Pay held money back through the gateway it came by.

        It is on its way first, and sent after the commit: whatever dies in between,
        the sweeper asks the gateway about the same number.
        :raise UserError: when it did not come by a gateway, or is decided
        """
        self.env["huolie.recharge"]._check_finance()
        for refund in self.sudo():
            if not refund.is_online:
                raise UserError(self.env._("Choose the online recharge to pay back."))
            if refund._is_settled_by_asking():
                continue
            if refund.gateway_state == "abnormal":
                raise UserError(refund._get_gateway_help())
            refund._move_state("held", "sent")
            refund.write(refund._prepare_sent_vals())
            refund._drive_after_commit()

    def _prepare_sent_vals(self):
        """A closed refund needs a new number; a refused one keeps its own."""
        number = self.gateway_number
        if not number:
            number = f"{self.recharge_id.code}R{self.id}"
        elif self.gateway_state == "closed":
            first, _sep, turn = number.partition("-")
            number = f"{first}-{int(turn or 1) + 1}"
        return {
            "gateway_number": number,
            "gateway_state": False,
            "gateway_note": False,
            "sent_at": fields.Datetime.now(),
            "asked_at": False,
        }

    def _is_settled_by_asking(self):
        """Ask the gateway before money that it was to pay goes another way.

        :return: whether it was paid, and is done now
        :raise UserError: when the gateway works on it, or gives no answer
        """
        if self.state != "held" or not self.gateway_number:
            return False
        try:
            data = self._check_answer(self._query_gateway())
        except GatewayError as error:
            raise UserError(
                self.env._(
                    "The gateway does not say whether it paid this back (%s)."
                    " Please try again later.",
                    error.code,
                )
            ) from error
        if data["state"] == "open":
            raise UserError(self.env._("The gateway still works on this refund."))
        if data["state"] != "done":
            return False
        self._take_gateway(data)
        return True

    # === SEND AND ASK === #
    def _drive_after_commit(self):
        """Send at once when this is committed; else the sweeper does."""
        dbname, ids = self.env.cr.dbname, self.ids

        def run():
            try:
                with Registry(dbname).cursor() as cr:
                    env = api.Environment(cr, SUPERUSER_ID, {})
                    env["huolie.refund"].browse(ids)._drive_safely()
            except Exception:
                _logger.info("refunds %s left to the sweeper", ids, exc_info=True)

        self.env.cr.postcommit.add(run)

    @api.model
    def _cron_sweep(self):
        """Ask about the refunds on their way, less often the longer it takes."""
        due = self._find_to_ask()
        self.env["ir.cron"]._commit_progress(remaining=len(due))
        for refund in due:
            refund._drive_safely()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _find_to_ask(self):
        now = fields.Datetime.now()
        sent = self.sudo().search([("state", "=", "sent")], order="id")
        return sent.filtered(lambda refund: refund._get_next_question() <= now)

    def _get_next_question(self):
        if not self.asked_at:
            return self.sent_at
        waited = (self.asked_at - self.sent_at) / 10
        return self.asked_at + min(max(waited, SHORTEST), LONGEST)

    def _drive_safely(self):
        """Drive one; whatever is wrong with it, it stays on hold and on its way."""
        for refund in self:
            try:
                with self.env.cr.savepoint():
                    refund._drive()
            except DatabaseError as error:
                # A notice was first: the next run sees what it did.
                _logger.info("refund %s is being decided: %s", refund.id, error)
                self.env.cr.rollback()
            except UserError as error:
                refund._tell_not_booked(error.args[0])
            except Exception:
                _logger.exception("refund %s could not be driven", refund.id)

    def _drive(self):
        """Send it, or ask what became of it, and take over the answer."""
        if self.state != "sent":
            return
        now = fields.Datetime.now()
        try:
            data = self._ask_or_send()
        except GatewayError as error:
            _logger.info("refund %s has no answer: %s", self.id, error)
            self.write({"asked_at": now, "gateway_note": error.code})
            return
        if data["state"] in ("open", "none"):
            self.write({"asked_at": now, "gateway_note": False})
        else:
            self._take_gateway(data)

    def _ask_or_send(self):
        if self.asked_at:
            data = self._check_answer(self._query_gateway())
            if data["state"] != "none":
                return data
        return self._send_to_gateway()

    def _send_to_gateway(self):
        """Send it; when it is refused, make sure that it is not there all the same."""
        tx = self.recharge_id.tx_id
        try:
            return self._check_answer(
                tx.provider_id._huolie_refund(
                    tx, self._get_fen(), self.gateway_number, self.reason
                )
            )
        except GatewayError as error:
            if not error.refused:
                raise
            data = self._check_answer(self._query_gateway())
            if data["state"] == "none":
                return {"state": "refused", "note": error.code}
            return data

    def _query_gateway(self):
        tx = self.recharge_id.tx_id
        return tx.provider_id._huolie_query_refund(tx, self.gateway_number)

    def _check_answer(self, data):
        """Refuse what is signed but about another refund, order or amount."""
        same = (
            data["refund"] == self.gateway_number
            and data["reference"] == self.recharge_id.tx_id.reference
            and data["fen"] in (None, self._get_fen())
        )
        if not same:
            raise GatewayError("other_refund")
        return data

    # === WHAT THE GATEWAY SAYS === #
    def _take_gateway(self, data):
        """Take over what the gateway says; each news once."""
        self.ensure_one()
        if data["state"] == "done":
            self._take_paid()
        elif data["state"] in ("refused", "closed", "abnormal"):
            self._take_failed(data["state"], data.get("note"))

    def _take_paid(self):
        """The payer has it: book it, or say that it went twice."""
        known = self.gateway_state == "done"
        moved = self._try_move(("sent", "held"), "done")
        self.write({"gateway_state": "done", "gateway_note": False})
        if moved:
            self._book_payout()
        elif not known:
            self._tell_finance_twice()

    def _take_failed(self, state, note):
        """It came back: still on hold, and finance says what happens with it."""
        if self._try_move(("sent",), "held"):
            self.write({"gateway_state": state, "gateway_note": note})
            self._tell_finance_failed()
        elif self.state == "done" and self.gateway_state == "done":
            self.gateway_state = state
            self._tell_finance_returned()
        elif self.state == "held":
            self.gateway_state = state

    @api.model
    def _take_notice(self, provider, event, data):
        """Take over a checked notice about a refund; the same one again does nothing.

        :return: whether it is about an order of ours (else it shall come again)
        """
        txs = self.env["payment.transaction"]
        tx = txs.with_context(huolie_provider_id=provider.id)._huolie_find(data)
        if not tx:
            return None
        if event and not self.env["huolie.gateway.notice"]._note(provider, event, data):
            return tx
        refund = self._find_by_number(tx, data["refund"])
        if not refund:
            tx.huolie_recharge_id._tell_other_refund(data["refund"])
        elif refund.gateway_number != data["refund"]:
            refund._take_earlier(data)
        elif data["state"] == "ask":
            refund.filtered(lambda one: one.state == "sent").asked_at = False
        else:
            refund._take_gateway(refund._check_answer(data))
        return tx

    @api.model
    def _find_by_number(self, tx, number):
        """Return the refund of a number, also when it has a newer one."""
        first = (number or "-").partition("-")[0]
        of_number = Domain("gateway_number", "=", first) | Domain(
            "gateway_number", "=like", f"{first}-%"
        )
        mine = Domain("recharge_id", "=", tx.huolie_recharge_id.id)
        return self.search(mine & of_number, limit=1)

    def _take_earlier(self, data):
        """Hear of a turn that was closed: it cannot be paid, unless it was."""
        if data["state"] == "done":
            self._tell_finance_twice()

    # === FINANCE IS TOLD === #
    def _tell_finance_failed(self):
        self._tell_finance(
            lambda env: env._("A refund came back from the gateway"),
            lambda env: self.with_env(env)._get_gateway_help(),
        )

    def _tell_not_booked(self, why):
        """Tell finance, once a day, what keeps a refund from being booked.

        It is tried again at each sweep: an archived journal is opened again, say.
        """
        key, number = f"refund_not_booked:{self.id}", self.gateway_number
        if not throttle.hit(self.env.cr, key, 1, timedelta(days=1)):
            return
        self._tell_finance(
            lambda env: env._("Refund %(number)s cannot be booked", number=number),
            lambda env: env._("%(number)s: %(why)s", number=number, why=why),
        )

    def _tell_finance_twice(self):
        amount = f"{self.amount:.2f}"
        self._tell_finance(
            lambda env: env._("A refund was paid twice"),
            lambda env: env._(
                "The gateway paid %(amount)s back after it was decided otherwise here."
                " Please get it back from the enterprise.",
                amount=amount,
            ),
        )

    def _tell_finance_returned(self):
        amount = f"{self.amount:.2f}"
        self._tell_finance(
            lambda env: env._("A refund that was paid came back"),
            lambda env: env._(
                "The gateway said that %(amount)s was paid back, and now that it was"
                " not. Please look at the gateway's merchant page.",
                amount=amount,
            ),
        )

    def _tell_finance(self, subject, body):
        self.enterprise_id._tell_finance(
            subject, body, "/odoo/action-huolie_billing.huolie_refund_action"
        )
