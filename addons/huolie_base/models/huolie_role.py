from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..services import role_picks


class HuolieRole(models.Model):
    """What a person of an enterprise may do (A8).

    A role picks from the groups that the addons ship; none is ever made at run time.
    """

    _name = "huolie.role"
    _inherit = ["huolie.tenant.mixin", "huolie.audited"]
    _description = "Role"
    _order = "enterprise_id, sequence, id"

    name = fields.Char(string="Role name", required=True)
    sequence = fields.Integer(default=50)
    code = fields.Selection(
        selection=[
            ("admin", "Administrator"),
            ("supervisor", "Supervisor"),
            ("agent", "Agent"),
        ],
        string="Ready-made as",
        readonly=True,
        copy=False,
        help="Ready-made roles cannot be changed; copy one and change the copy.",
    )
    scope = fields.Selection(
        selection=[
            ("own", "Own data"),
            ("groups", "Data of the own groups"),
            ("enterprise", "Data of the whole enterprise"),
        ],
        string="Data scope",
        default="own",
        required=True,
    )
    may_export = fields.Boolean(string="May export and import")
    line_ids = fields.One2many(
        comodel_name="huolie.role.line",
        inverse_name="role_id",
        string="Modules",
        default=lambda self: self._default_line_ids(),
        copy=True,
    )
    user_ids = fields.One2many(
        comodel_name="res.users",
        inverse_name="huolie_role_id",
        string="People",
        readonly=True,
    )
    user_count = fields.Integer(string="Persons", compute="_compute_user_count")
    summary = fields.Text(string="In plain words", compute="_compute_summary")

    _ready_uniq = models.UniqueIndex(
        "(enterprise_id, code) WHERE code IS NOT NULL",
        "An enterprise has each ready-made role once.",
    )

    @api.model
    def _default_line_ids(self):
        return [
            fields.Command.create({"module": module["code"]})
            for module in self._get_modules()
        ]

    # === COMPUTE === #
    @api.depends("name", "code")
    @api.depends_context("lang")
    def _compute_display_name(self):
        names = dict(self._fields["code"]._description_selection(self.env))
        for role in self:
            role.display_name = names.get(role.code) or role.name

    @api.depends("user_ids")
    def _compute_user_count(self):
        for role in self:
            role.user_count = len(role.sudo().user_ids)

    @api.depends("line_ids.see", "line_ids.do", "scope", "may_export")
    def _compute_summary(self):
        for role in self:
            role.summary = "\n".join(role._get_summary_lines())

    def _get_summary_lines(self):
        """Say in plain words what this role may do."""
        self.ensure_one()
        doing = self.line_ids.filtered("do")
        seeing = self.line_ids.filtered("see") - doing
        scopes = dict(self._fields["scope"]._description_selection(self.env))
        nothing = self.env._("nothing")
        comma = self.env._(", ")
        return [
            self.env._(
                "Sees and changes: %s",
                comma.join(line.label for line in doing) or nothing,
            ),
            self.env._(
                "Only sees: %s", comma.join(line.label for line in seeing) or nothing
            ),
            self.env._("Of conversations, leads and customers: %s", scopes[self.scope]),
            self.env._("May export and import lists")
            if self.may_export
            else self.env._("May not export or import lists"),
        ]

    # === CRUD === #
    @api.model_create_multi
    def create(self, vals_list):
        """Create roles, each with a row for every function module."""
        roles = super().create(vals_list)
        roles._add_missing_lines()
        roles._check_grant()
        return roles

    def write(self, vals):
        """Change roles; the people who have them follow at once.

        :raise UserError: for ready-made roles
        :raise AccessError: when the role would give more than the writer holds
        """
        self._check_locked()
        self._check_grant()
        before = {role.id: role._get_rights_text() for role in self}
        res = super().write(vals)
        self._check_grant()
        if {"scope", "may_export"} & vals.keys():
            self._on_rights_change(before)
        return res

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        for role, vals in zip(self, vals_list, strict=True):
            vals["name"] = self.env._("%s (copy)", role.display_name)
        return vals_list

    @api.ondelete(at_uninstall=False)
    def _unlink_if_unused(self):
        self._check_locked()
        for role in self.sudo():
            if role.user_ids:
                raise UserError(
                    self.env._(
                        "%(count)s people have the role “%(role)s”. Give them another"
                        " role first.",
                        count=len(role.user_ids),
                        role=role.display_name,
                    )
                )

    def _check_locked(self):
        if not self.env.su and any(role.code for role in self):
            raise UserError(
                self.env._(
                    "Ready-made roles cannot be changed. Make a copy and change that."
                )
            )

    def _add_missing_lines(self):
        """Add rows for function modules of addons that came later."""
        codes = [m["code"] for m in self._get_modules()]
        vals_list = []
        for role in self.sudo():
            missing = set(codes) - set(role.line_ids.mapped("module"))
            for code in (c for c in codes if c in missing):
                vals_list.append(role._prepare_line_vals(code))
        return self.env["huolie.role.line"].sudo().create(vals_list)

    def _prepare_line_vals(self, module):
        level = role_picks.ready_level(self.code, module) if self.code else "none"
        return {
            "role_id": self.id,
            "enterprise_id": self.enterprise_id.id,
            "module": module,
            "see": level != "none",
            "do": level == "do",
        }

    # === WHICH GROUPS === #
    @api.model
    def _get_modules(self):
        """Return the function modules of all addons, in the order of the menus."""
        modules = self.env["huolie.enterprise"]._get_role_modules()
        return sorted(modules, key=lambda module: module["sequence"])

    @api.model
    def _get_shipped_groups(self):
        """Return every group that a role can ever give."""
        xmlids = [m[key] for m in self._get_modules() for key in ("see", "do")]
        xmlids += [f"huolie_base.group_scope_{scope}" for scope in role_picks.SCOPES]
        return self._get_groups_by_xmlid([*xmlids, "huolie_base.group_export"])

    def _get_role_groups(self):
        """Return the groups of one role."""
        self.ensure_one()
        role = self.sudo()
        modules = {module["code"]: module for module in self._get_modules()}
        xmlids = [f"huolie_base.group_scope_{role.scope}"]
        if role.may_export:
            xmlids.append("huolie_base.group_export")
        for line in role.line_ids.filtered(lambda line: line.module in modules):
            level = role_picks.level(line.see, line.do)
            if level != "none":
                xmlids.append(modules[line.module][level])
        return self._get_groups_by_xmlid(xmlids)

    @api.model
    def _get_groups_by_xmlid(self, xmlids):
        # by the cached id: env.ref would ask for each whether it still exists
        find = self.env["ir.model.data"]._xmlid_to_res_id
        ids = {find(xmlid, raise_if_not_found=True) for xmlid in xmlids}
        return self.env["res.groups"].sudo().browse(ids)

    # === RIGHTS === #
    def _check_grant(self):
        """Refuse roles that give more than the current person holds (SEC-R4).

        :raise AccessError: naming the rights that are too much
        """
        if self.env.su:
            return
        held = self.env.user.sudo().all_group_ids
        for role in self:
            too_much = role._get_role_groups() - held - role._get_lesser_scopes(held)
            if too_much:
                raise AccessError(
                    self.env._(
                        "You cannot give rights that you do not have yourself: %s",
                        ", ".join(too_much.mapped("name")),
                    )
                )

    @api.model
    def _get_lesser_scopes(self, held):
        """Return the scopes that a holder of a wider one may give, too."""
        xmlids = [f"huolie_base.group_scope_{scope}" for scope in role_picks.SCOPES]
        scopes = [self.env.ref(xmlid).sudo() for xmlid in xmlids]
        ranks = [rank for rank, scope in enumerate(scopes) if scope in held]
        lesser = scopes[: max(ranks, default=-1) + 1]
        return self.env["res.groups"].sudo().union(*lesser)

    def _check_may_assign(self, users):
        """Check the right to give this role to these people.

        :raise AccessError: the person lacks the module of roles, or rights themselves
        """
        if self.env.su:
            return
        if not self.env.user.has_group("huolie_base.group_role_do"):
            raise AccessError(self.env._("Your role does not include the roles."))
        self.check_access("read")
        self._check_grant()
        # Nor may anybody take a role away that holds more than they do.
        users.sudo().huolie_role_id.with_env(self.env)._check_grant()

    def _assign(self, users):
        """Give people this role: the one place that writes groups of people.

        :param users: people of the role's enterprise
        :raise UserError: when the last administrator would lose the role
        """
        self.ensure_one()
        self._check_may_assign(users)
        # sudo: checked above; and whoever gives their own role away may lose the right
        # to read it on the way
        self, users = self.sudo(), users.sudo()
        if users.enterprise_id - self.enterprise_id:
            raise self._make_reference_error()
        old = {user: user.huolie_role_id for user in users}
        self._check_admin_stays(users)
        self._write_groups(users)
        for user, role in old.items():
            old_name, new_name = role.display_name, self.display_name
            user._audit("role.assign", old_name, new_name, self.enterprise_id)
        users._tell_rights_changed()

    def _write_groups(self, users):
        """Write the groups; employees of the ERP keep those that are not ours."""
        groups = self._get_role_groups()
        vals = {"huolie_role_id": self.id}
        people = users.filtered("share")
        if people:
            people.write({**vals, "group_ids": [fields.Command.set(groups.ids)]})
        shipped = self._get_shipped_groups()
        for user in users - people:
            kept = user.group_ids - shipped
            commands = [fields.Command.set((kept | groups).ids)]
            user.write({**vals, "group_ids": commands})

    def _check_admin_stays(self, users):
        """Refuse to leave an enterprise without an active administrator (SEC-R9)."""
        if self.code != "admin":
            self.enterprise_id._check_admin_besides(users)

    def _get_rights_text(self):
        return ", ".join(sorted(self._get_role_groups().mapped("name")))

    def _on_rights_change(self, before):
        """Pass changed rights on to the people, and note the change."""
        for role in self.sudo():
            if (after := role._get_rights_text()) != before[role.id]:
                role._audit("role.change", before[role.id], after, role.enterprise_id)
                role._write_groups(role.user_ids)
                role.user_ids._tell_rights_changed()

    # === READY-MADE ROLES === #
    @api.model
    def _create_ready_roles(self, enterprises):
        """Create the three ready-made roles of new enterprises."""
        names = dict(self._fields["code"]._description_selection(self.env))
        vals_list = [
            {
                "enterprise_id": enterprise.id,
                "name": names[code],
                "code": code,
                "sequence": sequence,
                "scope": role_picks.ready_scope(code),
                "may_export": role_picks.ready_export(code),
                "line_ids": [],
            }
            for enterprise in enterprises
            for sequence, code in enumerate(role_picks.READY)
        ]
        return self.sudo().create(vals_list)

    def _register_hook(self):
        """Take in the function modules of addons that were just installed.

        Only the process that installs does: the others load the same registry at
        the same time and would write the same rows.
        """
        super()._register_hook()
        if self.pool.updated_modules:
            self.sudo()._take_in_modules()

    @api.model
    def _take_in_modules(self):
        enterprises = self.env["huolie.enterprise"].sudo().search([])
        with_roles = self.search([("code", "=", "admin")]).enterprise_id
        self._create_ready_roles(enterprises - with_roles)
        roles = self.search([])
        roles._add_missing_lines()
        for role in roles.filtered("user_ids"):
            role._write_groups(role.user_ids)
