from odoo import models


class HuolieEnterprise(models.Model):
    _inherit = "huolie.enterprise"

    def _notify(self, subject, body, users=None, url=None, kind="info"):
        """Tell people something: bell, list of notices and mail, in their language.

        :param subject: text, or a callable ``env -> str``
        :param body: text, or a callable ``env -> str``
        :param users: receivers; by default the enterprise's admins
        :param str url: path inside the product
        :param str kind: ``info success warning danger``
        :return: the notices
        """
        notices = self.env["huolie.notice"].sudo()
        for enterprise in self:
            receivers = enterprise._get_admins() if users is None else users
            notices |= notices._send(receivers, subject, body, url, kind, enterprise)
        return notices
