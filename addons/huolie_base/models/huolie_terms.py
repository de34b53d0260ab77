from odoo import api, fields, models
from odoo.exceptions import UserError


class HuolieTerms(models.Model):
    _name = "huolie.terms"
    _inherit = ["huolie.audited"]
    _description = "Terms of use"
    _order = "date_from desc, id desc"
    _rec_name = "version"

    version = fields.Char(required=True, copy=False)
    date_from = fields.Date(
        string="Valid from", required=True, default=fields.Date.context_today
    )
    body = fields.Html(required=True, translate=True)
    acceptance_ids = fields.One2many(
        comodel_name="huolie.terms.acceptance", inverse_name="terms_id"
    )

    _version_uniq = models.UniqueIndex("(version)", "This version exists already.")

    @api.model
    def _get_current(self):
        """Return the terms that are valid today."""
        today = fields.Date.context_today(self)
        return self.sudo().search([("date_from", "<=", today)], limit=1)

    def write(self, vals):
        """Write; accepted terms keep their words, a change is a new version."""
        if {"body", "version"} & vals.keys():
            accepted = self.sudo().filtered("acceptance_ids")
            if accepted:
                raise UserError(
                    self.env._(
                        "Terms %s were accepted already: make a new version instead.",
                        accepted[0].version,
                    )
                )
        return super().write(vals)
