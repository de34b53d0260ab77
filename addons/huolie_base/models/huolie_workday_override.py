from odoo import api, fields, models


class HuolieWorkdayOverride(models.Model):
    _name = "huolie.workday.override"
    _inherit = ["huolie.audited"]
    _description = "Official working day or holiday"
    _order = "date desc"
    _rec_name = "date"

    date = fields.Date(required=True)
    is_working = fields.Boolean(string="Working day")
    note = fields.Char()

    _date_uniq = models.UniqueIndex("(date)", "This day is in the list already.")

    @api.model
    def _get_overrides(self):
        """Return the official list of days, for ``services/workday.py``."""
        return {day.date: day.is_working for day in self.sudo().search([])}
