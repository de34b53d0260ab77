import re

from odoo import api, fields, models
from odoo.tools import ormcache

SECRET = re.compile(r"password|secret|token|hash|api_key|private|public_keys")
HIDDEN = "***"


class HuolieAudited(models.AbstractModel):
    """Whoever inherits this has its changes in the audit log (A10).

    Followed is what a person can set: all stored fields that are not readonly, those
    of later addons too. What is readonly on screens, but worth a line, is named in
    ``_audit_fields``; what is no setting, in ``_audit_skip``.
    """

    _name = "huolie.audited"
    _description = "Changes are in the audit log"

    _audit_fields = ()
    _audit_skip = ("sequence",)

    @api.model
    @ormcache()
    def _get_audit_fields(self):
        """Return the names of the fields that the log follows."""
        typed = {
            name
            for name, field in self._fields.items()
            if field.store
            and not field.readonly
            and field.type != "one2many"
            and field.groups != fields.NO_ACCESS
        }
        skipped = {"enterprise_id", *models.MAGIC_COLUMNS, *self._gather("_audit_skip")}
        return frozenset((typed - skipped) | self._gather("_audit_fields"))

    @api.model
    def _gather(self, attribute):
        """Return what all classes of this model name, those of other addons too."""
        classes = type(self).__mro__
        return {name for cls in classes for name in vars(cls).get(attribute, ())}

    @api.model_create_multi
    def create(self, vals_list):
        """Create rows; those made by people are noted, not those the system makes."""
        records = super().create(vals_list)
        if self._is_audited_person():
            followed = self._get_audit_fields()
            for record, vals in zip(records, vals_list, strict=True):
                if names := followed & vals.keys():
                    action = self._get_audit_action("create")
                    record._audit(action, None, record._sum_up(names))
        return records

    def write(self, vals):
        """Write, and note each followed field that changed."""
        names = self._get_audit_fields() & vals.keys()
        before = {record: record._get_audit_values(names) for record in self if names}
        res = super().write(vals)
        rows = []
        for record, old in before.items():
            new = record._get_audit_values(names)
            rows += [
                (record, name, *record._get_audit_pair(name, old[name], new[name]))
                for name in sorted(names)
                if old[name] != new[name]
            ]
        self.env["huolie.audit"]._log_changes(self._get_audit_action("change"), rows)
        return res

    def unlink(self):
        """Delete rows; what they held is noted."""
        if self._is_audited_person():
            names = self._get_audit_fields()
            for record in self:
                record._audit(self._get_audit_action("delete"), record._sum_up(names))
        return super().unlink()

    # === HOW IT IS WRITTEN DOWN === #
    @api.model
    def _is_audited_person(self):
        return not (self.env.user._is_superuser() or self.env.user._is_public())

    @api.model
    def _get_audit_action(self, verb):
        return f"{self._name.removeprefix('huolie.')}.{verb}"

    @api.model
    def _is_audit_secret(self, name):
        """Say whether the value of a field must stay out of the log."""
        return bool(SECRET.search(name))

    def _get_audit_values(self, names):
        """Return the values as texts; sudo: reading may need more than changing."""
        return {name: self.sudo()._get_audit_text(name) for name in names}

    def _get_audit_text(self, name):
        value, kind = self[name], self._fields[name].type
        if kind in ("many2one", "many2many", "one2many"):
            return ", ".join(value.mapped("display_name"))
        if kind in ("binary", "image"):
            return f"({len(value)})" if value else ""
        if kind == "boolean":
            return str(bool(value))
        if kind == "datetime":
            return fields.Datetime.to_string(value) or ""
        return "" if value is False or value is None else str(value)

    def _get_audit_pair(self, name, old, new):
        if self._is_audit_secret(name):
            return (old and HIDDEN), (new and HIDDEN)
        return old, new

    def _sum_up(self, names):
        """Return what a row holds in one text: ``name=value`` of what is not empty."""
        values = self._get_audit_values(names)
        shown = {
            name: HIDDEN if self._is_audit_secret(name) else text
            for name, text in values.items()
            if text
        }
        return ", ".join(f"{name}={text}" for name, text in sorted(shown.items()))
