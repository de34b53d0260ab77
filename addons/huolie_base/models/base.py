from odoo import api, models
from odoo.exceptions import AccessError

from ..services.references import references

# Targets that Odoo itself puts into values on their way down, and that hold nothing
# of anybody (one row per properties field of the database).
HARMLESS_MODELS = {"properties.base.definition"}


class Base(models.AbstractModel):
    """What a person of an enterprise writes may point only at what it can read.

    The ORM itself accepts any id as a many2one value, and then shows the target's name
    through sudo: that would be a way to read, and to write into, other enterprises.
    """

    _inherit = "base"

    @api.model
    def _is_guarded(self):
        """Whether the current call comes from a person of an enterprise."""
        return not self.env.su and self.env.user._is_tenant()

    @api.model_create_multi
    def create(self, vals_list):
        if self._is_guarded():
            self._check_references(vals_list)
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
            prefix = "default_"
            context = self.env.context.items()
            self._check_references(
                [{k[len(prefix) :]: v for k, v in context if k.startswith(prefix)}]
            )
        return super().default_get(fields)

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
