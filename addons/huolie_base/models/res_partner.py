from odoo import api, fields, models
from odoo.exceptions import AccessDenied, ValidationError

# What decides whose a partner is: only the server writes it.
SERVER_FIELDS = {"enterprise_id", "is_enterprise_customer", "user_ids", "company_id"}


class ResPartner(models.Model):
    _inherit = "res.partner"

    enterprise_id = fields.Many2one(
        comodel_name="huolie.enterprise",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
    )
    is_enterprise_customer = fields.Boolean(index=True, copy=False)

    @api.depends_context("uid")
    def _compute_same_vat_partner_id(self):
        """Name no partner that the user could not find (Odoo searches with sudo)."""
        super()._compute_same_vat_partner_id()
        for partner in self:
            for name in ("same_vat_partner_id", "same_company_registry_partner_id"):
                found = partner[name].sudo(False)
                if found and not found.has_access("read"):
                    partner[name] = False

    @api.model_create_multi
    def create(self, vals_list):
        """Create partners; those that a tenant creates are its customers."""
        if self._is_guarded():
            vals_list = [self._prepare_customer_vals(vals) for vals in vals_list]
        partners = super().create(vals_list)
        if self._is_guarded():
            # again: the context may name a parent, too
            partners._check_parents(partners.sudo().parent_id)
        return partners

    def write(self, vals):
        """Write partners; whose they are is no business of a tenant.

        :raise AccessError: when a tenant writes what only the server may
        """
        if self._is_guarded():
            self._check_customer_vals(vals)
        res = super().write(vals)
        if (
            "enterprise_id" in vals
            and self.sudo().with_context(active_test=False).user_ids
        ):
            # Rules and _is_tenant() are cached per user.
            self.env.registry.clear_cache()
        return res

    @api.constrains("active")
    def _check_enterprise_not_archived(self):
        """Keep the partner of an enterprise: archived, nothing would find its service.

        An enterprise takes ``active`` from its partner, and so does every search.
        """
        archived = self.filtered(lambda partner: not partner.active)
        if not archived:
            return
        enterprises = self.env["huolie.enterprise"].with_context(active_test=False)
        found = enterprises.search([("partner_id", "in", archived.ids)], limit=1)
        if found:
            raise ValidationError(
                self.env._(
                    "%s is an enterprise and cannot be archived: freeze or close its"
                    " account instead.",
                    found.name,
                )
            )

    @api.model
    def _prepare_customer_vals(self, vals):
        own = {
            "enterprise_id": self.env.user.enterprise_id.id,
            "is_enterprise_customer": True,
        }
        given = {k: v for k, v in vals.items() if v and own.get(k) != v}
        self._check_customer_vals(given)
        company = {"company_id": False} if "company_id" in vals else {}
        return {**vals, **own, **company}

    @api.model
    def _check_customer_vals(self, vals):
        """Refuse server fields, and parents that are no customers.

        A customer below the enterprise's own partner would become an address of the
        operator's invoices.
        """
        if SERVER_FIELDS & vals.keys():
            raise self._make_reference_error()
        self._check_references([vals])
        self._check_parents(self.browse(vals.get("parent_id") or ()).sudo())

    @api.model
    def _check_parents(self, parents):
        if not all(parent.is_enterprise_customer for parent in parents):
            raise self._make_reference_error()

    def signup_get_auth_param(self):
        """Give no sign-up link of a partner to a person of an enterprise.

        Odoo checks no right to the partner here, and answers with sudo.
        """
        if self.env.user._is_tenant():
            raise AccessDenied
        self.check_access("read")
        return super().signup_get_auth_param()
