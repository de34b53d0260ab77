from odoo import api, fields, models


class HuolieThrottle(models.Model):
    _name = "huolie.throttle"
    _description = "Limit of rate"
    _log_access = False

    # Written by services/throttle.py in plain SQL; nobody has rights on it.
    key = fields.Char(required=True)
    started = fields.Datetime(required=True)
    hits = fields.Integer(required=True)

    _key_uniq = models.UniqueIndex("(key)")

    @api.autovacuum
    def _gc_throttle(self):
        self.env.cr.execute(
            "DELETE FROM huolie_throttle"
            " WHERE started < now() AT TIME ZONE 'UTC' - interval '2 days'"
        )
