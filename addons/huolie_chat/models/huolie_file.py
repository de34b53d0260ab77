from odoo import fields, models


class HuolieFile(models.Model):
    """A picture or file sent in a conversation; fetched by a signed link only."""

    _name = "huolie.file"
    _inherit = ["huolie.tenant.mixin"]
    _description = "File of a conversation"
    _order = "id desc"

    conversation_id = fields.Many2one(
        comodel_name="huolie.conversation",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    client_uid = fields.Char(string="Client's id", readonly=True)
    name = fields.Char(string="File name", required=True, readonly=True)
    mime = fields.Char(string="Type", required=True, readonly=True)
    size = fields.Integer(readonly=True)
    width = fields.Integer(readonly=True, aggregator=None)
    height = fields.Integer(readonly=True, aggregator=None)
    data = fields.Binary(attachment=True, readonly=True, groups="base.group_system")

    _client_uniq = models.UniqueIndex(
        "(conversation_id, client_uid) WHERE client_uid IS NOT NULL",
        "This file is stored already.",
    )
