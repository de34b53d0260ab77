from datetime import timedelta
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import formataddr

from ..services import enterprise_code, life

STAGE_FIELDS = {"state", "trial_until", "service_until", "is_house"}


class HuolieEnterprise(models.Model):
    _name = "huolie.enterprise"
    _inherits = {"res.partner": "partner_id"}
    _inherit = ["mail.thread", "huolie.audited"]
    _description = "Enterprise"
    _audit_fields = ("name", "email", "phone", "street", "city", "state", "verified")
    _order = "id desc"
    _rec_names_search = ["name", "code"]

    partner_id = fields.Many2one(
        comodel_name="res.partner", required=True, ondelete="restrict", index=True
    )
    name = fields.Char(
        string="Enterprise name",
        related="partner_id.name",
        inherited=True,
        readonly=False,
        required=True,
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
    trial_until = fields.Datetime(string="Trial until", copy=False, tracking=True)
    service_until = fields.Datetime(string="Service until", readonly=True, copy=False)
    # What decides whether it is in service; later than ``service_until`` only while
    # a renewal is still to be decided.
    serve_until = fields.Datetime(
        string="Works until", compute="_compute_serve_until", store=True
    )
    verified = fields.Boolean(readonly=True, copy=False, tracking=True)
    legal_name = fields.Char(string="Name on the licence", readonly=True, copy=False)
    credit_code = fields.Char(
        string="Unified social credit code", readonly=True, copy=False, index=True
    )
    legal_person = fields.Char(string="Legal representative", readonly=True, copy=False)
    verification_ids = fields.One2many(
        comodel_name="huolie.verification",
        inverse_name="enterprise_id",
        string="Verifications",
    )
    person_ids = fields.One2many(
        comodel_name="res.users",
        compute="_compute_person_ids",
        string="People",
        groups="huolie_base.group_operator_reviewer",
    )
    freeze_reason = fields.Selection(
        selection="_get_freeze_reasons", readonly=True, copy=False, tracking=True
    )
    freeze_text = fields.Text(string="Explanation", readonly=True, copy=False)
    legal_hold = fields.Boolean(
        string="Legal hold",
        readonly=True,
        copy=False,
        tracking=True,
        help="Nothing of this enterprise may be deleted or erased.",
    )
    frozen_state = fields.Selection(
        selection=[("trial", "Trial"), ("formal", "Formal")],
        string="State before freezing",
        readonly=True,
        copy=False,
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
        if self._get_stage_fields() & vals.keys():
            self._refresh_stage()
        return res

    @api.model
    def _new_code(self):
        code = enterprise_code.make()
        while self.sudo().search_count([("code", "=", code)], limit=1):
            code = enterprise_code.make()
        return code

    # === LIFE (PRODUCT "Life of an enterprise") === #
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
            Domain("trial_until", "<=", now) | Domain("serve_until", "<=", now)
        )
        for enterprise in self.search(domain):
            if enterprise.stage != enterprise._get_stage():
                enterprise._refresh_stage()

    # === FREEZE (A6) === #
    @api.model
    def _get_freeze_reasons(self):
        return [
            ("drugs", self.env._("Drugs")),
            ("pornography", self.env._("Pornography")),
            ("gambling", self.env._("Gambling")),
            ("contraband", self.env._("Contraband")),
            ("counterfeit", self.env._("Counterfeit goods")),
            ("fraud", self.env._("Fraud")),
            ("other", self.env._("Other breach of the terms")),
        ]

    def _freeze(self, reason, text):
        """Freeze with a reason: its people are told, its widget vanishes."""
        self._check_manager()
        for enterprise in self:
            if enterprise.is_house or enterprise.state in ("frozen", "closed"):
                raise UserError(self.env._("%s cannot be frozen now.", enterprise.name))
            enterprise.sudo().write(
                {
                    "frozen_state": enterprise.state,
                    "state": "frozen",
                    "freeze_reason": reason,
                    "freeze_text": text,
                }
            )
            enterprise._audit("enterprise.freeze", None, reason, enterprise)
            enterprise._reload_people()
            enterprise.sudo()._notify(
                lambda env: env._("Your enterprise was frozen"),
                lambda env, rec=enterprise: rec.with_env(env)._get_freeze_sentence(),
                kind="danger",
            )

    def _get_freeze_sentence(self):
        """Say in words why the enterprise is frozen."""
        label = dict(self._get_freeze_reasons()).get(self.freeze_reason, "")
        return self.env._(
            "%(reason)s. %(text)s", reason=label, text=self.freeze_text or ""
        ).strip()

    def action_unfreeze(self):
        """Give a frozen enterprise back what it had (operator manager)."""
        self._check_manager()
        for enterprise in self.sudo().filtered(lambda e: e.state == "frozen"):
            enterprise.write(
                {
                    "state": enterprise.frozen_state or "trial",
                    "frozen_state": False,
                    "freeze_reason": False,
                    "freeze_text": False,
                }
            )
            enterprise._audit("enterprise.unfreeze", None, None, enterprise)
            enterprise._reload_people()
            enterprise._notify(
                lambda env: env._("Your enterprise works again"),
                lambda env: env._("The freeze was lifted; all your data is there."),
            )
        return True

    def _reload_people(self):
        """Make the open pages of all people load again: they see the new state."""
        users = self.env["res.users"].sudo()
        users.search([("enterprise_id", "in", self.ids)])._tell_rights_changed()

    def action_hold(self):
        """Stop every deletion in this enterprise (operator manager)."""
        self._check_manager()
        for enterprise in self.sudo():
            enterprise.legal_hold = not enterprise.legal_hold
            enterprise._audit(
                "enterprise.hold", None, str(enterprise.legal_hold), enterprise
            )
        return True

    def _check_manager(self):
        manager = "huolie_base.group_operator_manager"
        if not self.env.su and not self.env.user.has_group(manager):
            raise AccessError(self.env._("Only operator managers may do this."))

    def _compute_person_ids(self):
        users = self.env["res.users"].sudo().with_context(active_test=False)
        for enterprise in self:
            enterprise.person_ids = users.search(
                [("enterprise_id", "=", enterprise.id)]
            )

    # === PAGES OF THE WEB CLIENT === #
    @api.model
    def get_home_page(self):
        """Return what the home page shows (every person of an enterprise, A11)."""
        enterprise = self._get_own()
        steps = [s for s in enterprise._get_home_steps() if self._may_do_step(s)]
        steps.sort(key=lambda step: step["sequence"])
        may_account = self.env.user.has_group("huolie_base.group_account_see")
        return {
            **enterprise._prepare_card(),
            "steps": steps,
            "may_account": may_account,
        }

    @api.model
    def _get_own(self):
        """Return the enterprise of the current person.

        :raise UserError: for employees of the ERP who belong to none
        """
        enterprise = self.env.user.enterprise_id
        if not enterprise:
            raise UserError(self.env._("You do not belong to an enterprise."))
        return enterprise

    @api.model
    def _may_do_step(self, step):
        group = step.get("group")
        return not group or self.env.user.has_group(group)

    @api.model
    def get_account_page(self):
        """Return what 账户管理 shows (account module, see)."""
        if not self.env.user.has_group("huolie_base.group_account_see"):
            raise AccessError(self.env._("Your role does not include the account."))
        enterprise = self._get_own()
        blocks = enterprise._get_account_blocks()
        return {
            **enterprise._prepare_card(),
            "legal_name": enterprise.legal_name or "",
            "credit_code": enterprise.credit_code or "",
            "verification": enterprise._prepare_verification(),
            "can_do": self.env.user.has_group("huolie_base.group_account_do"),
            "may_account": True,
            "blocks": sorted(blocks, key=lambda block: block["sequence"]),
        }

    def _prepare_card(self):
        self.ensure_one()
        stage = self._get_stage()
        until = self.trial_until if stage == "trial" else self.service_until
        return {
            "id": self.id,
            "name": self.name,
            "code": self.code,
            "state": self.state,
            "state_label": self._get_label("state"),
            "stage": stage,
            "stage_label": dict(self._fields["stage"]._description_selection(self.env))[
                stage
            ],
            "days_left": life.days_left(until, fields.Datetime.now()),
            "until": fields.Datetime.to_string(until) if until else False,
            "verified": self.verified,
            "contact_url": self._get_contact_url(),
        }

    def _get_label(self, name):
        labels = dict(self._fields[name]._description_selection(self.env))
        return labels.get(self[name], "")

    def _prepare_verification(self):
        last = self.verification_ids[:1]
        return {
            "state": last.state if last else "none",
            "label": dict(last._fields["state"]._description_selection(self.env)).get(
                last.state, ""
            ),
            "reason": last._get_reason_sentence() if last.state == "rejected" else "",
            "due": fields.Datetime.to_string(last.due_at) if last.due_at else False,
        }

    def action_verification(self):
        """Open the verification of the enterprise: the last one, or a new draft."""
        enterprise = self.env.user.enterprise_id
        verifications = self.env["huolie.verification"]
        last = verifications.search([("enterprise_id", "=", enterprise.id)], limit=1)
        if last.state == "rejected":
            return last.action_correct()
        return (last or verifications)._open()

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
        # Nobody reads "created" in the chatter of ten thousand enterprises.
        quiet = {"tracking_disable": True, "mail_create_nosubscribe": True}
        enterprise = (
            self.sudo()
            .with_context(**quiet)
            .create(
                {
                    "name": vals["name"],
                    "email": vals["email"],
                    "phone": vals.get("phone"),
                    "lang": vals.get("lang"),
                    "trial_until": trial_until,
                }
            )
        )
        admin = enterprise._create_person(vals, self._get_admin_groups())
        enterprise.env["huolie.seat"]._create_trial_seat(enterprise, admin)
        return enterprise.with_context(self.env.context)

    def _create_person(self, vals, groups):
        """Create a user of this enterprise without any of the ERP's user types."""
        self.ensure_one()
        users = (
            self.env["res.users"]
            .sudo()
            .with_context(no_reset_password=True, tracking_disable=True)
        )
        return users.create(self._prepare_person_vals(vals, groups))

    def _prepare_person_vals(self, vals, groups):
        person = {
            "name": vals["contact"],
            "login": vals["email"].strip().lower(),
            "email": vals["email"].strip().lower(),
            "phone": vals.get("phone"),
            "mobile_login": self.env["res.users"]._get_free_mobile(vals.get("phone")),
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
        return self.env["huolie.role"]._get_groups_by_xmlid(xmlids)

    @api.model
    def _get_agent_groups(self):
        """Return the groups of a new person: what the ready-made agent may."""
        return self.env.ref("huolie_base.group_scope_own").sudo()

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
                "code": "role",
                "label": self.env._("Roles"),
                "see": "huolie_base.group_role_see",
                "do": "huolie_base.group_role_do",
                "sequence": 70,
            },
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
        """Return the getting-started checklist of the home page (A11).

        Each ``key label done sequence``, what its button opens (``action`` xmlid,
        ``url``, or ``call``: a method here that returns an action), the ``group``
        without which the step is not shown, and ``wait``: what must come before.
        """
        self.ensure_one()
        return [
            {
                "key": "verify",
                "label": self.env._("Have your enterprise verified"),
                "done": self.verified,
                "call": "action_verification",
                "group": "huolie_base.group_account_see",
                "sequence": 40,
            },
            {
                "key": "seats",
                "label": self.env._("Add seats for your colleagues"),
                "done": len(self.seat_ids) > 1,
                "wait": self.state == "trial" and self._get_seats_wait(),
                "action": "huolie_base.huolie_seat_action",
                "group": "huolie_base.group_seat_see",
                "sequence": 60,
            },
        ]

    def _get_seats_wait(self):
        """Say what a trial account must do before it may add seats."""
        if self._is_billed():
            return self.env._("after the recharge")
        return self.env._("after the verification")

    def _get_account_blocks(self):
        """Return the blocks of 账户管理: ``key title template values sequence``.

        Without ``template`` a block shows ``values["lines"]`` (``label value tone``)
        and ``values["buttons"]`` (``label action|url primary``).
        """
        return []

    @api.model
    def _get_contact_url(self):
        """Return where "contact us" leads (widget: a chat with the house; A12)."""
        email = self.env.company.sudo().email
        return f"mailto:{email}" if email else False

    @api.model
    def get_contact(self):
        """Return how a person of an enterprise reaches the operator (A12).

        ``url``; with huolie_widget also ``script key who facts``: the house's widget,
        and the signed identity that it says hello with.
        """
        return self._get_own()._prepare_contact()

    def _prepare_contact(self):
        return {"url": self._get_contact_url()}

    # === SMALL HELPERS OF THE SUITE === #
    @api.model
    def _show_link(self, link, text):
        """Show a secret link once, with a copy button; it is not stored."""
        return self._show_links([{"label": "", "link": link}], text)

    @api.model
    def _show_links(self, links, text):
        """Show several: ``[{"label", "link"}]``."""
        return {
            "type": "ir.actions.client",
            "tag": "huolie_base.link_dialog",
            "name": self.env._("Link"),
            "target": "new",
            "params": {"links": links, "text": text},
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
    def _send_template(self, template, record, at_once=True):
        """Send a mail at once, but only when the transaction is committed.

        :param bool at_once: else the mail goes with the next run of the mail queue
        """
        values = {"email_from": self._get_mail_from()}
        mail_id = template.send_mail(record.id, email_values=values)
        if at_once:
            self.env["mail.mail"].sudo().browse(mail_id).send_after_commit()
        else:
            self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
