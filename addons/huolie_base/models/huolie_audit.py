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
    field_name = fields.Char(string="Technical field", readonly=True)
    old = fields.Text(string="Before", readonly=True)
    new = fields.Text(string="After", readonly=True)
    address = fields.Char(string="Network address", readonly=True)
    # The log keeps technical words; these say them in the reader's language.
    what = fields.Char(compute="_compute_words")
    old_words = fields.Text(string="Was", compute="_compute_words")
    new_words = fields.Text(string="Is now", compute="_compute_words")

    @api.depends("action", "model", "field_name", "old", "new")
    @api.depends_context("lang")
    def _compute_words(self):
        for row in self:
            row.what = row._get_what()
            row.old_words = row._get_words(row.old)
            row.new_words = row._get_words(row.new)

    def _get_what(self):
        """Say what was done: ``Seat: Account state``, or the name of an action."""
        # sudo: the name of a kind of record is nobody's secret
        kind = self.env["ir.model"].sudo()._get(self.model).name or self.model or ""
        field = self._get_field()
        if field is not None:
            return f"{kind}: {field._description_string(self.env)}"
        known = self._get_action_names()
        if self.action in known:
            return known[self.action]
        verb = (self.action or "").rpartition(".")[2]
        return f"{kind}: {self._get_verb_names().get(verb, self.action)}"

    def _get_field(self):
        known = self.model in self.env
        return (
            self.env[self.model]._fields.get(self.field_name or "") if known else None
        )

    def _get_words(self, text):
        """Say a kept value in words: choices and yes/no have names."""
        field = self._get_field()
        if not text or field is None:
            return text
        if field.type == "boolean":
            return {"True": self.env._("Yes"), "False": self.env._("No")}.get(text)
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(text, text)
        return text

    @api.model
    def _get_verb_names(self):
        return {
            "create": self.env._("added"),
            "change": self.env._("changed"),
            "delete": self.env._("deleted"),
        }

    @api.model
    def _get_action_names(self):
        """Return the names of actions that are no change of a field; addons add."""
        _ = self.env._
        return {
            "role.assign": _("Role given to a person"),
            "role.change": _("Rights of a role"),
            "seat.accept": _("Invitation accepted"),
            "enterprise.freeze": _("Enterprise frozen"),
            "enterprise.unfreeze": _("Freeze lifted"),
            "enterprise.hold": _("Legal hold"),
            "enterprise.close": _("Enterprise closed"),
            "enterprise.reopen": _("Enterprise opened again"),
            "enterprise.ask_close": _("Closing asked for"),
            "enterprise.admin": _("Administration handed over"),
            "admin_change.asked": _("New administrator asked for"),
            "admin_change.approved": _("New administrator approved"),
            "admin_change.refused": _("New administrator refused"),
            "enterprise.export": _("Export of all data"),
            "list.export": _("Export of a list"),
            "user.password": _("Password changed"),
            "user.totp_on": _("Two-factor sign-in switched on"),
            "user.totp_off": _("Two-factor sign-in switched off"),
            "verification.submitted": _("Verification submitted"),
            "verification.approved": _("Verification approved"),
            "verification.rejected": _("Verification rejected"),
            "verification.withdrawn": _("Verification withdrawn"),
            "support.grant": _("Support access granted"),
            "support.revoke": _("Support access withdrawn"),
            "support.enter": _("Support entered"),
            "evidence.ask": _("Evidence export asked for"),
            "evidence.approved": _("Evidence export approved"),
            "evidence.refused": _("Evidence export refused"),
            "evidence.download": _("Evidence downloaded"),
        }

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
    def _log_changes(self, action, rows):
        """Add one row for each changed field.

        :param rows: ``(record, field name, old text, new text)``
        """
        if rows:
            # sudo: as in _log
            self.sudo().create(
                [
                    {
                        **self._prepare_audit_vals(record, action, old, new, None),
                        "field_name": name,
                    }
                    for record, name, old, new in rows
                ]
            )

    @api.model
    def _log_export(self, model, names, count):
        """Note who takes a list out of the house.

        :param str model: kind of the rows
        :param list names: what of them
        :param int count: how many, or None for all that a filter finds
        """
        # sudo: the name of a kind of record is nobody's secret
        kind = self.env["ir.model"].sudo()._get(model)
        new = f"{count or '*'}: {', '.join(names)}"
        self._log(kind, "list.export", None, new, self.env.user.enterprise_id)

    @api.model
    def _prepare_audit_vals(self, record, action, old, new, enterprise):
        record = record.sudo()
        if enterprise is None:
            enterprise = self._get_owner(record)
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
    def _get_owner(self, record):
        if record._name == "huolie.enterprise":
            return record
        return "enterprise_id" in record._fields and record.enterprise_id

    @api.model
    def _to_text(self, value):
        return False if value is None or value is False else str(value)[:MAX_TEXT]
