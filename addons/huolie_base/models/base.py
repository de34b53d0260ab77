from odoo import api, models
from odoo.exceptions import AccessError
from odoo.models import fix_import_export_id_paths

from ..services.references import nested_values, references

# Targets that Odoo itself puts into values on their way down, and that hold nothing
# of anybody (one row per properties field of the database).
HARMLESS_MODELS = {"properties.base.definition"}


class Base(models.AbstractModel):
    """What a person of an enterprise writes may point only at what it can read.

    The ORM itself accepts any id as a many2one value, and then shows the target's name
    through sudo: that would be a way to read, and to write into, other enterprises.
    """

    _inherit = "base"

    # Read-only fields that the web client sends all the same.
    _typed_readonly = ()
    # What operator staff may call during a visit with a support grant besides
    # reading: names of methods, or "*" for all.
    _support_may = ()

    @api.model
    def _is_guarded(self):
        """Whether the current call comes from a person of an enterprise."""
        return not self.env.su and self.env.user._is_tenant()

    @api.model_create_multi
    def create(self, vals_list):
        if self._is_guarded():
            self._check_references(vals_list)
            vals_list = [self._with_own_external_id(vals) for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if self._is_guarded():
            self._check_references([vals])
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        if self._is_guarded():
            self._check_references([self._without_own_values(values)])
        return super().onchange(values, field_names, fields_spec)

    @api.model
    def default_get(self, fields):
        if self._is_guarded():
            return super(Base, self._without_server_defaults()).default_get(fields)
        return super().default_get(fields)

    @api.model
    def load(self, fields, data):
        """Import; people of an enterprise have external ids of their enterprise alone.

        Odoo looks them up for all, and makes new ones in any addon's name.
        """
        if not self._is_guarded():
            return super().load(fields, data)
        paths = [fix_import_export_id_paths(field) for field in fields]
        self._check_import_paths(paths)
        ids = {n for n, path in enumerate(paths) if path[-1] == "id"}
        rows = [
            [self._own_external_ids(v) if n in ids else v for n, v in enumerate(row)]
            for row in data
        ]
        own = self._get_import_module()
        return super(Base, self.with_context(module=own)).load(fields, rows)

    def _without_own_values(self, values):
        """Drop what a form sends back unchanged: it may show more than can be read."""
        if len(self) != 1:
            return values
        same = {
            name
            for name, value in values.items()
            if (field := self._fields.get(name))
            and field.type == "many2one"
            and self[name].id == value
        }
        return {name: value for name, value in values.items() if name not in same}

    # === WHAT THE SERVER SETS === #
    @api.model
    def _is_set_by_server(self, name):
        """Whether people of enterprises never set a field themselves (SEC-R5)."""
        field = self._fields.get(name)
        return bool(field and field.readonly and name not in self._typed_readonly)

    @api.model
    def _without_server_defaults(self):
        """Return self without context defaults for what the server sets.

        :raise AccessError: when a default points at what cannot be read
        """
        prefix = "default_"
        context = dict(self.env.context)
        given = {k[len(prefix) :]: v for k, v in context.items() if k[:8] == prefix}
        self._check_references([given])
        for name in given:
            if self._is_set_by_server(name):
                del context[prefix + name]
        return self.with_env(self.env(context=context))

    @api.model
    def _check_client_values(self, vals):
        """Refuse values from outside for what the server sets, at any depth (SEC-R4).

        :param dict vals: as sent by a client for ``create`` or ``write``
        :raise AccessError: without naming the field
        """
        for name, value in vals.items():
            if name != "enterprise_id" and self._is_set_by_server(name):
                raise AccessError(self.env._("This cannot be set by hand."))
            field = self._fields.get(name)
            if field and field.type in ("one2many", "many2many"):
                for inner in nested_values(value):
                    self.env[field.comodel_name]._check_client_values(inner)

    # === IMPORT === #
    @api.model
    def _get_import_module(self):
        return f"__import_{self.env.user.enterprise_id.id}__"

    @api.model
    def _check_import_paths(self, paths):
        for path in paths:
            model = self
            for name in path:
                if name in (None, "id", ".id") or name not in model._fields:
                    break
                model._check_client_values({name: None})
                if not model._fields[name].relational:
                    break
                model = self.env[model._fields[name].comodel_name]

    @api.model
    def _with_own_external_id(self, vals):
        """In an import, Odoo gives rows the external ids that their values name.

        It passes over what is no text.
        """
        text = vals.get("id")
        if not isinstance(text, str):
            return vals
        return {**vals, "id": self._own_external_id(text, new=True)}

    @api.model
    def _own_external_ids(self, cell):
        ids = [text.strip() for text in str(cell or "").split(",")]
        return ",".join(self._own_external_id(text) for text in ids if text)

    @api.model
    def _own_external_id(self, text, new=False):
        """Return an external id that is the enterprise's own, or of what it can read.

        :param bool new: for a row to be created, so never one that there is already
        """
        own = self._get_import_module()
        if text.startswith(f"{own}.") or ("." not in text and not new):
            return text
        record = not new and self.env.ref(text, raise_if_not_found=False)
        if record and record.id in self._get_readable_ids(record._name, {record.id}):
            return text
        return f"{own}.{text.replace('.', '_')}"

    # === REFERENCES === #
    @api.model
    def _check_references(self, vals_list):
        """Refuse values that point at records which the user cannot read.

        :raise AccessError: with one text for "not yours" and "not there"
        """
        for model, ids in references(self, vals_list).items():
            if model not in HARMLESS_MODELS and not ids <= self._get_readable_ids(
                model, ids
            ):
                raise self._make_reference_error()

    @api.model
    def _get_readable_ids(self, model, ids):
        if model == "ir.actions.actions":
            # A favourite names the action that it is for.
            actions = self.env[model].sudo().browse(ids).exists()
            return {a.id for a in actions if a._is_open_to_tenants()}
        comodel = self.env[model].with_context(active_test=False)
        if not comodel.has_access("read"):
            return set()
        return set(comodel.search([("id", "in", list(ids))])._ids)

    @api.model
    def _make_reference_error(self):
        return AccessError(
            self.env._("You cannot use this value: it does not exist or is not yours.")
        )

    def _audit(self, action, old=None, new=None, enterprise=None):
        """Note a change of these records in the audit log, see ``huolie.audit``."""
        self.env["huolie.audit"]._log(self, action, old, new, enterprise)
