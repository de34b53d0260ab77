from datetime import timedelta
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import formataddr

from ..services import enterprise_code, life

STAGE_FIELDS = {"state", "trial_until", "service_until", "is_house"}


class HuolieEnterprise(models.Model):
    _name = "huolie.enterprise"
    _inherits = {"res.partner": "partner_id"}
    _inherit = ["mail.thread"]
    _description = "Enterprise"
    _order = "id desc"
    _rec_names_search = ["name", "code"]

    partner_id = fields.Many2one(
        comodel_name="res.partner", required=True, ondelete="restrict", index=True
    )
    code = fields.Char(string="Enterprise ID", required=True, readonly=True, copy=False)
    is_house = fields.Boolean(string="House enterprise", readonly=True)
    state = fields.Selection(
        selection=[
            ("trial", "Trial"),
            ("formal", "Formal"),
            ("frozen", "Frozen"),
            ("closed", "Closed"),
        ],
        string="Account state",
        default="trial",
        required=True,
        readonly=True,
        index=True,
        copy=False,
        tracking=True,
    )
    trial_until = fields.Datetime(copy=False, tracking=True)
    service_until = fields.Datetime(readonly=True, copy=False)
    verified = fields.Boolean(readonly=True, copy=False, tracking=True)
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
    seat_ids = fields.One2many(comodel_name="huolie.seat", inverse_name="enterprise_id")
    # Numbers given so far: a number is never given twice.
    seat_count = fields.Integer(string="Seats numbered", readonly=True, copy=False)

    _code_uniq = models.UniqueIndex("(code)", "This enterprise ID is taken.")

    # === CRUD === #
    @api.model_create_multi
    def create(self, vals_list):
        """Create enterprises; each gets its 企业ID (A2), its partner points back."""
        for vals in vals_list:
            vals["code"] = self._new_code()
            vals.setdefault("is_company", True)
        enterprises = super().create(vals_list)
        for enterprise in enterprises:
            enterprise.partner_id.enterprise_id = enterprise
            enterprise.stage = enterprise._get_stage()
        return enterprises

    def write(self, vals):
        """Write, and tell the other addons when that moved the stage."""
        res = super().write(vals)
        if STAGE_FIELDS & vals.keys():
            self._refresh_stage()
        return res

    @api.model
    def _new_code(self):
        code = enterprise_code.make()
        while self.sudo().search_count([("code", "=", code)], limit=1):
            code = enterprise_code.make()
        return code

    # === LIFE (PRODUCT "Life of an enterprise") === #
    def _get_stage(self):
        """Return the stage now, see ``services/life.py``."""
        self.ensure_one()
        return life.stage(
            self.state,
            self.is_house,
            self.trial_until,
            self.service_until,
            self._is_billed(),
            fields.Datetime.now(),
        )

    def _get_allows(self):
        """Return the row of ``life.ALLOWS`` for the stage now."""
        return life.ALLOWS[self._get_stage()]

    @api.model
    def _is_billed(self):
        """Say whether service is sold in this database (billing: yes)."""
        return False

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

    @api.model
    def _cron_refresh_stages(self):
        """Move enterprises whose trial or service ran out since the last run."""
        now = fields.Datetime.now()
        domain = Domain("stage", "in", ("trial", "serving")) & (
            Domain("trial_until", "<=", now) | Domain("service_until", "<=", now)
        )
        for enterprise in self.search(domain):
            if enterprise.stage != enterprise._get_stage():
                enterprise._refresh_stage()

    # === REGISTRATION (A1) === #
    @api.model
    def _get_trial_days(self):
        value = self.env["ir.config_parameter"].sudo().get_param("huolie.trial_days")
        return int(value) if value and value.isdecimal() else 14

    @api.model
    def _register_enterprise(self, vals):
        """Create an enterprise on trial with its admin and the built-in seat.

        :param dict vals: ``name contact email phone password lang`` (checked before)
        :return: the enterprise; its admin is ``_get_admins()``
        """
        trial_until = fields.Datetime.now() + timedelta(days=self._get_trial_days())
        enterprise = self.sudo().create(
            {
                "name": vals["name"],
                "email": vals["email"],
                "phone": vals.get("phone"),
                "lang": vals.get("lang"),
                "trial_until": trial_until,
            }
        )
        admin = enterprise._create_person(vals, self._get_admin_groups())
        admin._claim_mobile_login(vals.get("phone"))
        self.env["huolie.seat"].sudo()._create_trial_seat(enterprise, admin)
        return enterprise

    def _create_person(self, vals, groups):
        """Create a user of this enterprise without any of the ERP's user types."""
        self.ensure_one()
        users = self.env["res.users"].sudo().with_context(no_reset_password=True)
        return users.create(self._prepare_person_vals(vals, groups))

    def _prepare_person_vals(self, vals, groups):
        person = {
            "name": vals["contact"],
            "login": vals["email"].strip().lower(),
            "email": vals["email"].strip().lower(),
            "phone": vals.get("phone"),
            "lang": vals.get("lang") or self.lang or self.env.lang,
            "tz": "Asia/Shanghai",
            "enterprise_id": self.id,
            "group_ids": [fields.Command.set(groups.ids)],
        }
        if vals.get("password"):
            person["password"] = vals["password"]
        return person

    @api.model
    def _get_admin_groups(self):
        """Return the groups of a ready-made admin: every module, whole enterprise."""
        xmlids = [module["do"] for module in self._get_role_modules()]
        xmlids.append("huolie_base.group_scope_enterprise")
        groups = self.env["res.groups"].sudo()
        for xmlid in xmlids:
            groups |= self.env.ref(xmlid)
        return groups

    def _get_admins(self):
        """Return the users who may act for the enterprise (account module)."""
        group = self.env.ref("huolie_base.group_account_do")
        return (
            self.env["res.users"]
            .sudo()
            .search(
                [
                    ("enterprise_id", "in", self.ids),
                    ("all_group_ids", "in", group.ids),
                ]
            )
        )

    # === WHAT OTHER ADDONS ADD TO === #
    @api.model
    def _get_role_modules(self):
        """Return the function modules that roles pick from (A8)."""
        return [
            {
                "code": "seat",
                "label": self.env._("Agents and seats"),
                "see": "huolie_base.group_seat_see",
                "do": "huolie_base.group_seat_do",
                "sequence": 60,
            },
            {
                "code": "account",
                "label": self.env._("Account and recharge"),
                "see": "huolie_base.group_account_see",
                "do": "huolie_base.group_account_do",
                "sequence": 80,
            },
        ]

    @api.model
    def _get_billable_services(self):
        """Return the services sold besides seats: ``[{"code", "label"}]``."""
        return []

    def _get_home_steps(self):
        """Return the getting-started checklist of the home page (A11)."""
        self.ensure_one()
        return [
            {
                "key": "verify",
                "label": self.env._("Have your enterprise verified"),
                "done": self.verified,
                "action": "huolie_base.huolie_verification_action_mine",
                "sequence": 40,
            },
            {
                "key": "seats",
                "label": self.env._("Add seats for your colleagues"),
                "done": len(self.seat_ids) > 1,
                "action": "huolie_base.huolie_seat_action",
                "sequence": 60,
            },
        ]

    def _get_account_blocks(self):
        """Return the blocks of 账户管理: ``key title template values sequence``.

        Without ``template`` a block shows ``values["lines"]`` (``label value tone``)
        and ``values["buttons"]`` (``label action|url primary``).
        """
        return []

    # === SMALL HELPERS OF THE SUITE === #
    @api.model
    def _show_link(self, link, text):
        """Show a secret link once, with a copy button; it is not stored."""
        return {
            "type": "ir.actions.client",
            "tag": "huolie_base.link_dialog",
            "name": self.env._("Link"),
            "target": "new",
            "params": {"link": link, "text": text},
        }

    @api.model
    def _get_mail_from(self):
        """Return the sender of the suite's mails; works without any set-up."""
        company = self.env.company.sudo()
        if company.email:
            return company.email_formatted
        host = urlsplit(company.get_base_url()).hostname or "localhost"
        return formataddr((company.name, f"no-reply@{host}"))

    @api.model
    def _send_template(self, template, record):
        """Send a mail at once, but only when the transaction is committed."""
        values = {"email_from": self._get_mail_from()}
        mail_id = template.send_mail(record.id, email_values=values)
        self.env["mail.mail"].sudo().browse(mail_id).send_after_commit()
