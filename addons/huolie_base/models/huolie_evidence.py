from odoo import models
from odoo.exceptions import AccessError

from ..services import table_file

FILE_LIMIT = 500


class HuolieEvidence(models.Model):
    """Export of evidence: one operator asks, another approves (A6)."""

    _name = "huolie.evidence"
    _inherit = ["huolie.two.persons"]
    _description = "Evidence export"
    _order = "id desc"
    _rec_name = "enterprise_id"
    _audit_word = "evidence"

    def _get_audit_action(self):
        # as it is written in logs since before it had the word in common
        return "evidence.ask" if self.state == "asked" else super()._get_audit_action()

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
