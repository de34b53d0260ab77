from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..services import table_file

FILE_LIMIT = 500


class HuolieEvidence(models.Model):
    """Export of evidence: one operator asks, another approves (A6)."""

    _name = "huolie.evidence"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Evidence export"
    _order = "id desc"
    _rec_name = "enterprise_id"

    reason = fields.Text(required=True)
    state = fields.Selection(
        selection=[
            ("asked", "Asked for"),
            ("approved", "Approved"),
            ("refused", "Refused"),
        ],
        default="asked",
        required=True,
        readonly=True,
    )
    asked_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Asked by",
        default=lambda self: self.env.uid,
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    decided_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Decided by",
        readonly=True,
        ondelete="restrict",
    )
    decided_at = fields.Datetime(readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        """Ask for an export; who asks is never typed."""
        self.env["huolie.enterprise"]._check_manager()
        vals_list = [
            {key: vals[key] for key in ("enterprise_id", "reason") if key in vals}
            for vals in vals_list
        ]
        records = super().create(vals_list)
        for record in records:
            record._audit("evidence.ask", None, record.reason, record.enterprise_id)
        return records

    def action_approve(self):
        """Approve (another operator manager than who asked)."""
        return self._decide("approved")

    def action_refuse(self):
        """Refuse (another operator manager than who asked)."""
        return self._decide("refused")

    def _decide(self, state):
        self.ensure_one()
        self.env["huolie.enterprise"]._check_manager()
        if self.asked_by_id == self.env.user:
            raise UserError(self.env._("Another person than who asked must decide."))
        self.flush_recordset()
        self.env.cr.execute(
            "UPDATE huolie_evidence SET state = %s, decided_by_id = %s,"
            " decided_at = now() AT TIME ZONE 'UTC'"
            " WHERE id = %s AND state = 'asked' RETURNING id",
            (state, self.env.uid, self.id),
            log_exceptions=False,
        )
        if not self.env.cr.fetchone():
            raise UserError(self.env._("This was decided already."))
        self.invalidate_recordset()
        self._audit(f"evidence.{state}", None, None, self.enterprise_id)
        return True

    def action_download(self):
        """Open the address of the file."""
        self.ensure_one()
        self._check_may_download()
        return {
            "type": "ir.actions.act_url",
            "url": f"/huolie/evidence/{self.id}",
            "target": "download",
        }

    def _check_may_download(self):
        self.env["huolie.enterprise"]._check_manager()
        if self.state != "approved":
            raise AccessError(self.env._("A second person must approve this first."))

    def _make_file(self):
        """Return the ZIP: all rows, files, log-ins, and the hashes of all of them."""
        self.ensure_one()
        enterprise = self.sudo().enterprise_id
        files = {**self._collect_files(enterprise), **self._collect_log_ins(enterprise)}
        return enterprise._make_export(files)

    def _collect_files(self, enterprise):
        names = [model._name for model in enterprise._get_export_models()]
        files = {}
        attachments = self.env["ir.attachment"].sudo()
        for name in names:
            ids = (
                self.env[name]
                .sudo()
                .search([("enterprise_id", "=", enterprise.id)])
                .ids
            )
            own = [("res_model", "=", name), ("res_id", "in", ids)]
            own += ["|", ("res_field", "=", False), ("res_field", "!=", False)]
            for attachment in attachments.search(own, limit=FILE_LIMIT):
                safe = "".join(
                    c if c.isalnum() or c in "-_." else "_" for c in attachment.name
                )
                files[f"files/{attachment.id}-{safe[-80:]}"] = attachment.raw or b""
        return files

    def _collect_log_ins(self, enterprise):
        people = self.env["res.users"].sudo().with_context(active_test=False)
        people = people.search([("enterprise_id", "=", enterprise.id)])
        logs = (
            self.env["res.users.log"].sudo().search([("create_uid", "in", people.ids)])
        )
        rows = [[log.create_uid.login, log.create_date] for log in logs]
        return {"log_ins.csv": table_file.to_csv(["login", "at (UTC)"], rows)}
