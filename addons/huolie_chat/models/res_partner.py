from odoo import fields, models


class ResPartner(models.Model):
    """Customers of an enterprise are partners that carry its id (C13)."""

    _inherit = "res.partner"

    wechat = fields.Char(string="WeChat")
    customer_seat_id = fields.Many2one(
        comodel_name="huolie.seat",
        string="Looked after by",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
    )
    visitor_ids = fields.One2many(
        comodel_name="huolie.visitor", inverse_name="partner_id"
    )
    lead_ids = fields.One2many(comodel_name="huolie.lead", inverse_name="partner_id")
    customer_conversation_count = fields.Integer(
        string="Conversations", compute="_compute_customer_conversation_count"
    )

    def _compute_customer_conversation_count(self):
        rows = self.env["huolie.conversation"]._read_group(
            [("visitor_id.partner_id", "in", self.ids)],
            ["visitor_id"],
            ["__count"],
        )
        counts = dict.fromkeys(self.ids, 0)
        for visitor, count in rows:
            counts[visitor.sudo().partner_id.id] += count
        for partner in self:
            partner.customer_conversation_count = counts.get(partner.id, 0)

    def action_view_customer_conversations(self):
        """List the conversations of this customer (C11)."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "huolie_chat.huolie_conversation_action"
        )
        action["domain"] = [("visitor_id.partner_id", "=", self.id)]
        return action
