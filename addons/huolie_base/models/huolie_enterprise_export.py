import hashlib
import io
import zipfile

from odoo import models
from odoo.exceptions import AccessError, UserError

from ..services import table_file

BATCH = 2000
SKIPPED_TYPES = ("binary", "one2many", "many2many", "properties", "json")


class HuolieEnterprise(models.Model):
    _inherit = "huolie.enterprise"

    def _check_may_export(self):
        """Only admins take all data of their own enterprise along, even frozen."""
        self.ensure_one()
        if self.env.user not in self._get_admins():
            raise AccessError(self.env._("Only administrators may export all data."))

    def _get_export_models(self):
        """Return the models that hold data of enterprises."""
        return [
            self.env[name].sudo()
            for name in sorted(self.env.registry)
            if name.startswith("huolie.")
            and "enterprise_id" in self.env[name]._fields
            and self.env[name]._fields["enterprise_id"].store
            and self.env[name]._auto
            and not self.env[name]._transient
            and not self.env[name]._abstract
        ]

    def _make_export(self, more=None):
        """Put all rows of the enterprise into one ZIP of CSV files.

        :param dict more: other files, ``name -> bytes``
        :return: bytes; ``hashes.txt`` in it names the SHA-256 of every file
        """
        self.ensure_one()
        files = dict(more or {})
        for model in self._get_export_models():
            names, rows = self._read_for_export(model)
            if rows:
                files[f"{model._name}.csv"] = table_file.to_csv(names, rows)
        customers = self.env["res.partner"].sudo()
        names, rows = self._read_for_export(
            customers, [("is_enterprise_customer", "=", True)]
        )
        files["customers.csv"] = table_file.to_csv(names, rows)
        return self._zip(files)

    def _read_for_export(self, model, domain=()):
        own = [("enterprise_id", "=", self.id), *domain]
        fields = [f for f in model._fields.values() if self._is_exported(f)]
        rows = []
        records = model.with_context(active_test=False).search(own, order="id")
        for start in range(0, len(records), BATCH):
            part = records[start : start + BATCH]
            rows += [[self._to_cell(r[f.name]) for f in fields] for r in part]
            part.invalidate_recordset()
        return [f.name for f in fields], rows

    def _is_exported(self, field):
        return (
            field.store
            and not field.groups
            and field.type not in SKIPPED_TYPES
            and field.name not in ("write_uid", "create_uid")
        )

    def _to_cell(self, value):
        if isinstance(value, models.BaseModel):
            return value.display_name if value else ""
        return value

    def _zip(self, files):
        out = io.BytesIO()
        hashes = [
            f"{hashlib.sha256(data).hexdigest()}  {name}"
            for name, data in sorted(files.items())
        ]
        files = {**files, "hashes.txt": "\n".join(hashes).encode()}
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in sorted(files.items()):
                archive.writestr(name, data)
        return out.getvalue()

    # === LIFE, FOR PEOPLE === #
    def _check_people_may_write(self):
        """Refuse changes when the enterprise may only read.

        :raise UserError: says the way forward
        """
        people = self._get_allows()["people"]
        if people == "all":
            return
        if people == "none":
            raise UserError(self._get_stopped_text())
        raise UserError(
            self.env._(
                "The trial is over: everything is kept, but nothing can be changed"
                " until the enterprise is verified and has recharged (Settings ›"
                " Account)."
            )
        )

    def _get_stopped_text(self):
        """Say why people cannot work: frozen (with the reason) or closed."""
        self.ensure_one()
        if self.state == "closed":
            return self.env._("This account was closed.")
        return self.env._(
            "Your enterprise was frozen. %s Please contact us.",
            self._get_freeze_sentence(),
        )
