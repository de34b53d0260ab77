from odoo import api, fields, models
from odoo.tools import ormcache

from ..services import money, pricing


class HuoliePrice(models.Model):
    _name = "huolie.price"
    _inherit = ["mail.thread", "huolie.audited"]
    _description = "Price of a service"
    _order = "service, enterprise_id desc, min_quantity"
    _rec_name = "service"

    service = fields.Selection(
        selection="_selection_service", required=True, default="seat", tracking=True
    )
    enterprise_id = fields.Many2one(
        comodel_name="huolie.enterprise",
        string="Only for",
        index="btree_not_null",
        ondelete="cascade",
        tracking=True,
        help="Empty: the list price for everybody."
        " Own prices go before it from their smallest quantity on.",
    )
    min_quantity = fields.Integer(
        string="From quantity", default=1, required=True, tracking=True
    )
    price = fields.Monetary(
        string="Price per month, tax included", required=True, tracking=True
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency",
        required=True,
        readonly=True,
        default=lambda self: self._default_currency_id(),
    )
    active = fields.Boolean(default=True, tracking=True)

    _price_positive = models.Constraint(
        "CHECK(price > 0 AND price = round(price, 2))",
        "A price is more than zero and has whole fen.",
    )
    _quantity_positive = models.Constraint(
        "CHECK(min_quantity >= 1)", "The quantity starts at 1."
    )
    _step_uniq = models.UniqueIndex(
        "(service, COALESCE(enterprise_id, 0), min_quantity) WHERE active",
        "There is a price for this service and quantity already.",
    )

    def _default_currency_id(self):
        return self.env["huolie.enterprise"]._get_billing_company().currency_id

    @api.depends("service")
    @api.depends_context("lang")
    def _compute_display_name(self):
        names = dict(self._fields["service"]._description_selection(self.env))
        for price in self:
            price.display_name = names.get(price.service)

    @api.model
    def _selection_service(self):
        services = {"seat": self.env._("Seat"), "robot": self.env._("AI robot")}
        for service in self.env["huolie.enterprise"]._get_billable_services():
            services[service["code"]] = service["label"]
        return list(services.items())

    @api.model
    def _get_price(self, enterprise, code, quantity):
        """Return the fen a month for one, at ``quantity`` of them.

        :return: fen, or None when the service has no price
        """
        return pricing.tier(self._get_steps_for(enterprise, code), quantity)

    @api.model
    def _get_steps_for(self, enterprise, code):
        """Return an enterprise's own steps, below them those of the list price."""
        steps = self._get_steps(code)
        own = steps.get(enterprise.id, [])
        first = min((quantity for quantity, _fen in own), default=None)
        listed = steps.get(False, [])
        return own + [row for row in listed if first is None or row[0] < first]

    @api.model
    def _get_shown_steps(self, enterprise, code):
        """Return the price list of an enterprise for a service, as it is told.

        :return: dict ``own`` (an own price was agreed) and ``rows``: a sentence for
            each step, smallest quantity first; none when the quantity changes nothing
        """
        own = enterprise.id in self._get_steps(code)
        rows = sorted(self._get_steps_for(enterprise, code))
        told = [
            self.env._(
                "%(count)s or more: %(price)s",
                count=count,
                price=enterprise._show_money(fen),
            )
            for count, fen in rows
        ]
        return {"own": own, "rows": told if len(rows) > 1 else []}

    @api.model
    @ormcache("code")
    def _get_steps(self, code):
        """Return the steps of a service for everybody (False) and for enterprises.

        :return: dict enterprise id or False → list of ``(minimum quantity, fen)``
        """
        steps = {}
        for row in self.sudo().search([("service", "=", code)]):
            owner = row.enterprise_id.id
            steps.setdefault(owner, []).append(
                (row.min_quantity, money.to_fen(row.price))
            )
        return steps

    def _forget_steps(self):
        """Read the steps again, now and after the commit.

        Another request may read, and keep, the old price until then.
        """
        self.env.registry.clear_cache()
        self.env.cr.postcommit.add(self.env.registry.clear_cache)

    @api.model_create_multi
    def create(self, vals_list):
        """Create prices; the known steps are read again."""
        self._forget_steps()
        return super().create(vals_list)

    def write(self, vals):
        """Change prices; the known steps are read again."""
        self._forget_steps()
        return super().write(vals)

    def unlink(self):
        """Remove prices; the known steps are read again."""
        self._forget_steps()
        return super().unlink()
