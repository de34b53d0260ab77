from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services.references import references


class HuolieTenantMixin(models.AbstractModel):
    _name = "huolie.tenant.mixin"
    _description = "Belongs to an enterprise"

    enterprise_id = fields.Many2one(
        comodel_name="huolie.enterprise",
        default=lambda self: self.env.user.enterprise_id,
        required=True,
        index=True,
        readonly=True,
        ondelete="cascade",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Create rows; a tenant's rows always belong to the tenant's enterprise.

        :raise AccessError: when a tenant names another enterprise, or when a value
            points at a record of another enterprise than the row's
        """
        if self._is_guarded():
            vals_list = [self._with_own_enterprise(vals) for vals in vals_list]
        default = self.default_get(["enterprise_id"]).get("enterprise_id")
        owned = defaultdict(list)
        for vals in vals_list:
            owner = vals.get("enterprise_id", default)
            owned[self.enterprise_id.browse(owner or ())].append(vals)
        if len(owned) > 1:
            self._read_owners(vals_list)
        for enterprise, rows in owned.items():
            self._check_same_enterprise(rows, enterprise)
        return super().create(vals_list)

    def write(self, vals):
        """Write rows; the enterprise of a row never changes (SECURITY.md T11).

        :raise UserError: when vals would move a row to another enterprise
        """
        if "enterprise_id" in vals and any(
            rec.enterprise_id.id != vals["enterprise_id"] for rec in self
        ):
            raise UserError(self.env._("The enterprise of a record cannot change."))
        self._check_same_enterprise([vals], self.enterprise_id)
        return super().write(vals)

    @api.model
    def _with_own_enterprise(self, vals):
        own = self.env.user.enterprise_id.id
        if vals.get("enterprise_id", own) != own:
            raise self._make_reference_error()
        return {**vals, "enterprise_id": own}

    @api.model
    def _read_owners(self, vals_list):
        """Read the owners of all targets at once: a run makes rows of thousands."""
        for name, ids in references(self, vals_list).items():
            comodel = self.env[name].sudo()
            if "enterprise_id" in comodel._fields:
                comodel.browse(ids).exists().mapped("enterprise_id")

    @api.model
    def _leave_missing(self, targets):
        """Return the targets that exist; those whose owner is known do."""
        owner = targets._fields["enterprise_id"]
        unknown = targets.browse(owner._cache_missing_ids(targets))
        return targets - unknown + unknown.exists() if unknown else targets

    @api.model
    def _check_same_enterprise(self, vals_list, enterprises):
        """Refuse targets of another enterprise, whoever writes (also the server).

        :raise AccessError: when a target belongs to another than each of enterprises
        """
        for name, ids in references(self, vals_list).items():
            comodel = self.env[name]
            if "enterprise_id" not in comodel._fields:
                continue
            if name == enterprises._name and ids == {*enterprises.ids}:
                continue  # each row names its own
            targets = self._leave_missing(comodel.sudo().browse(ids))
            if name == "res.users":
                # The operator's employees act on every enterprise (reviewer,
                # finance), though they may be agents of the house.
                targets = targets.filtered("share")
            for enterprise in enterprises:
                if targets.enterprise_id - enterprise:
                    raise self._make_reference_error()
