from odoo import models


class HuolieMoneyMixin(models.AbstractModel):
    _name = "huolie.money.mixin"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Belongs to an enterprise, handled by the operator"

    # Fields that name a person of the operator, who may belong to the house.
    _operator_fields = ()

    def _check_same_enterprise(self, vals_list, enterprises):
        """Let the operator's people sign the rows of any enterprise."""
        kept = [
            {k: v for k, v in vals.items() if k not in self._operator_fields}
            for vals in vals_list
        ]
        return super()._check_same_enterprise(kept, enterprises)
