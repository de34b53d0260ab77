from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..services import assign


class HuolieSeat(models.Model):
    _inherit = "huolie.seat"

    group_member_ids = fields.One2many(
        comodel_name="huolie.group.member", inverse_name="seat_id", string="In groups"
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Create seats, each with its row for the assignment and in a group."""
        seats = super().create(vals_list)
        seats._ensure_agent_state()
        return seats

    def _ensure_agent_state(self):
        """Create missing rows of ``huolie.agent.state``; new seats join a group."""
        states = self.env["huolie.agent.state"].sudo()
        known = states.search([("seat_id", "in", self.ids)]).seat_id
        for seat in self.sudo() - known:
            own = {"enterprise_id": seat.enterprise_id.id, "seat_id": seat.id}
            domain = [("enterprise_id", "=", seat.enterprise_id.id)]
            settings = self.env["huolie.chat.settings"].sudo().search(domain, limit=1)
            cap = settings.agent_cap or 5
            states.create({**own, "cap": cap, "cap_wished": cap})
            groups = self.env["huolie.group"].sudo()
            group = groups.search(domain, limit=1, order="id")
            if group and not seat.group_member_ids:
                seat.group_member_ids.create({**own, "group_id": group.id})
        self._on_seat_change()

    def _on_seat_change(self):
        """Keep the agent's row in step: who may receive, and until when.

        Plain SQL: only these columns, whatever the engine counts meanwhile.
        """
        res = super()._on_seat_change()
        self.flush_recordset(["state", "serve_until", "user_id"])
        if not self:
            return res
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE huolie_agent_state a
                   SET serve_until = CASE WHEN s.state = 'active' AND s.user_id IS NOT
                                          NULL THEN s.serve_until END,
                       online = a.online AND s.state = 'active',
                       status = CASE WHEN s.state = 'active' THEN a.status
                                     ELSE 'offline' END
                  FROM huolie_seat s
                 WHERE s.id = a.seat_id AND a.seat_id IN %s
             RETURNING a.seat_id, s.state
                """,
                tuple(self.ids),
            )
        )
        self.env["huolie.agent.state"].invalidate_model()
        gone = self.browse([seat for seat, state in rows if state != "active"])
        self.env["huolie.conversation"]._revoke(gone)
        groups = self.sudo().group_member_ids.group_id
        self.env["huolie.conversation"]._drain_later(groups.ids)
        return res

    def action_set_cap(self, cap):
        """Set how many conversations an agent has at once (C3).

        :param int cap: 1 to 100; lower than now takes effect as conversations end
        :raise AccessError: without the right to change seats or settings
        """
        if not self.env.user.has_groups(
            "huolie_base.group_seat_do,huolie_chat.group_settings_do"
        ):
            raise AccessError(self.env._("Your role does not include this."))
        self.check_access("read")
        if not isinstance(cap, int) or not 1 <= cap <= 100:
            raise UserError(self.env._("The limit is a number from 1 to 100."))
        for seat in self:
            # sudo: the limit is on the agent's row of the engine
            state = self.env["huolie.agent.state"].sudo()
            state = state.search([("seat_id", "=", seat.id)], limit=1)
            seat._audit("seat.cap", state.cap_wished, cap)
            with self.env["huolie.conversation"]._engine() as cr:
                assign.set_cap(cr, seat.id, cap)
        return True
