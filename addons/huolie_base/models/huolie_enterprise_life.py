from odoo import api, fields, models
from odoo.fields import Domain

from ..services import life

STAGE_FIELDS = {"state", "trial_until", "service_until", "is_house"}


class HuolieEnterprise(models.Model):
    """Its stage: trial, service, and what comes after (PRODUCT "Life")."""

    _inherit = "huolie.enterprise"

    trial_until = fields.Datetime(string="Trial until", copy=False, tracking=True)
    service_until = fields.Datetime(string="Service until", readonly=True, copy=False)
    # What decides whether it is in service; later than ``service_until`` only while
    # a renewal is still to be decided.
    serve_until = fields.Datetime(
        string="Works until", compute="_compute_serve_until", store=True
    )
    # The stage that other addons were last told about; the cron finds those that
    # moved on by time alone.
    stage = fields.Selection(
        selection=[
            ("trial", "On trial"),
            ("trial_over", "Trial is over"),
            ("serving", "In service"),
            ("unserved", "Without service"),
            ("frozen", "Is frozen"),
            ("closed", "Is closed"),
        ],
        string="Life stage",
        readonly=True,
        index=True,
        copy=False,
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Create enterprises; each knows its stage."""
        enterprises = super().create(vals_list)
        for enterprise in enterprises:
            enterprise.stage = enterprise._get_stage()
        return enterprises

    def write(self, vals):
        """Write, and tell the other addons when that moved the stage."""
        res = super().write(vals)
        if self._get_stage_fields() & vals.keys():
            self._refresh_stage()
        return res

    @api.model
    def _get_stage_fields(self):
        """Return the fields that move the stage or its dates; addons add theirs."""
        return STAGE_FIELDS

    @api.depends("service_until")
    def _compute_serve_until(self):
        for enterprise in self:
            enterprise.serve_until = enterprise._get_serve_until()

    def _get_serve_until(self):
        """Return the first moment at which bought service stops (billing extends)."""
        self.ensure_one()
        return self.service_until

    def _get_stage(self):
        """Return the stage now, see ``services/life.py``."""
        self.ensure_one()
        return life.stage(
            self.state,
            self.is_house,
            self.trial_until,
            self.serve_until,
            self._is_billed(),
            fields.Datetime.now(),
        )

    def _get_allows(self):
        """Return the row of ``life.ALLOWS`` for the stage now."""
        return life.ALLOWS[self._get_stage()]

    def _is_in_service(self):
        """Say whether the enterprise may receive visitors now."""
        return self._get_allows()["receive"]

    def _is_in_trial(self):
        return bool(self.trial_until and fields.Datetime.now() < self.trial_until)

    def _has_feature(self, code):
        """Say whether a feature sold besides the seats (``"robot"``) works now.

        Everything works on trial and where nothing is sold; billing adds the rest.
        """
        if not self._is_in_service():
            return False
        return self.is_house or not self._is_billed() or self._is_in_trial()

    def _has_recharged(self):
        """Say whether the first recharge was done (billing extends)."""
        return not self._is_billed()

    def _try_become_formal(self):
        """Make verified and recharged enterprises formal (A5); others stay."""
        for enterprise in self:
            if (
                enterprise.state == "trial"
                and enterprise.verified
                and enterprise._has_recharged()
            ):
                enterprise.state = "formal"

    def _refresh_stage(self):
        """Compare the known stage with the real one and tell the addons."""
        for enterprise in self:
            old, new = enterprise.stage, enterprise._get_stage()
            if old != new:
                enterprise.stage = new
            enterprise._on_stage_change(old, new)

    def _on_stage_change(self, old, new):
        """React to a change of state, trial or service dates.

        Called also when the stage stays the same but its dates moved.
        """
        self.seat_ids._sync_serve_until()

    def _recompute_life(self):
        """Derive stage and dates again, after an update changed how (migrations)."""
        self.env.add_to_compute(self._fields["serve_until"], self)
        self._refresh_stage()

    @api.model
    def _cron_refresh_stages(self):
        """Move enterprises whose trial or service ran out since the last run."""
        now = fields.Datetime.now()
        domain = Domain("stage", "in", ("trial", "serving")) & (
            Domain("trial_until", "<=", now) | Domain("serve_until", "<=", now)
        )
        for enterprise in self.search(domain):
            if enterprise.stage != enterprise._get_stage():
                enterprise._refresh_stage()
