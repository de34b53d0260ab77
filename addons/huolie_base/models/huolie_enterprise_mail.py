from urllib.parse import urlsplit

from odoo import api, models
from odoo.tools import formataddr


class HuolieEnterprise(models.Model):
    """Mails of the suite."""

    _inherit = "huolie.enterprise"

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
