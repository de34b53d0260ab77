from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools import SQL

MAX_TEXT = 2000


class HuolieAudit(models.Model):
    """Who changed what, when, from what to what (A10). Rows are only ever added."""

    _name = "huolie.audit"
    _description = "Audit log"
    _order = "id desc"
    _rec_name = "action"

    enterprise_id = fields.Many2one(
        comodel_name="huolie.enterprise",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Person",
        readonly=True,
        ondelete="restrict",
    )
    # The name as it was: people leave, and seats go to others.
    user_name = fields.Char(string="Name then", readonly=True)
    action = fields.Char(required=True, readonly=True, index=True)
    model = fields.Char(string="Kind of record", readonly=True)
    res_id = fields.Integer(string="Record number", readonly=True, aggregator=None)
    res_name = fields.Char(string="Record", readonly=True)
    old = fields.Text(string="Before", readonly=True)
    new = fields.Text(string="After", readonly=True)
    address = fields.Char(string="Network address", readonly=True)

    def init(self):
        """Let the database itself refuse to change or delete rows."""
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE FUNCTION huolie_append_only() RETURNS trigger AS $$
                BEGIN
                    RAISE EXCEPTION 'rows of %% are never changed', TG_TABLE_NAME;
                END $$ LANGUAGE plpgsql;
                DROP TRIGGER IF EXISTS huolie_append_only ON %(table)s;
                CREATE TRIGGER huolie_append_only
                    BEFORE UPDATE OR DELETE OR TRUNCATE ON %(table)s
                    FOR EACH STATEMENT EXECUTE FUNCTION huolie_append_only();
                """,
                table=SQL.identifier(self._table),
            )
        )

    def write(self, vals):  # pylint: disable=method-required-super
        """Refuse to change the log, whoever asks."""
        raise UserError(self.env._("The audit log cannot be changed."))

    def unlink(self):  # pylint: disable=method-required-super
        """Refuse to shorten the log, whoever asks."""
        # an ondelete guard would not hold while the addon is uninstalled
        raise UserError(  # pylint: disable=no-raise-unlink
            self.env._("The audit log cannot be changed.")
        )

    @api.model
    def _log(self, records, action, old=None, new=None, enterprise=None):
        """Add one row for each record.

        :param records: what was changed
        :param str action: ``what.verb``, e.g. ``role.assign``
        :param old: value before (anything that has a text)
        :param new: value after
        :param enterprise: default: the record's own, if it has one
        """
        # sudo: everybody's changes are noted, nobody may write the log themselves
        self.sudo().create(
            [
                self._prepare_audit_vals(record, action, old, new, enterprise)
                for record in records
            ]
        )

    @api.model
    def _prepare_audit_vals(self, record, action, old, new, enterprise):
        record = record.sudo()
        if enterprise is None and "enterprise_id" in record._fields:
            enterprise = record.enterprise_id
        return {
            "enterprise_id": enterprise.id if enterprise else False,
            "user_id": self.env.uid,
            "user_name": self.env.user.name,
            "action": action,
            "model": record._name,
            "res_id": record.id,
            "res_name": record.display_name,
            "old": self._to_text(old),
            "new": self._to_text(new),
            "address": request.httprequest.remote_addr if request else False,
        }

    @api.model
    def _to_text(self, value):
        return False if value is None or value is False else str(value)[:MAX_TEXT]
