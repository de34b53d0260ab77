from odoo import api, fields, models


class HuolieNotice(models.Model):
    """What a person should know: shown in the bell of the top bar, and mailed.

    Odoo keeps its own inbox for employees, so that people of enterprises have this.
    """

    _name = "huolie.notice"
    _inherit = ["bus.listener.mixin"]
    _description = "Notice"
    _order = "id desc"
    _rec_name = "subject"

    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Receiver",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    enterprise_id = fields.Many2one(
        comodel_name="huolie.enterprise",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    kind = fields.Selection(
        selection=[
            ("info", "Information"),
            ("success", "Good news"),
            ("warning", "Warning"),
            ("danger", "Urgent"),
        ],
        default="info",
        required=True,
        readonly=True,
    )
    subject = fields.Char(required=True, readonly=True)
    body = fields.Text(readonly=True)
    url = fields.Char(string="Link", readonly=True)
    is_read = fields.Boolean(string="Read", readonly=True)

    _unread_idx = models.Index("(user_id) WHERE is_read IS NOT TRUE")

    @api.model_create_multi
    def create(self, vals_list):
        """Create notices and ring the bell of those who are online."""
        notices = super().create(vals_list)
        notices._ring()
        return notices

    # === BELL === #
    def _ring(self):
        """Tell each receiver's open pages of the newest notice (on its own channel)."""
        for notice in self:
            notice.user_id.partner_id._bus_send(
                "huolie.notice",
                {
                    "unread": self._count_unread(notice.user_id),
                    "subject": notice.subject,
                    "body": notice.body or "",
                },
            )

    @api.model
    def _count_unread(self, user):
        domain = [("user_id", "=", user.id), ("is_read", "=", False)]
        return self.sudo().search_count(domain)

    @api.model
    def _get_mine(self):
        # sudo: everybody may read and tick off the notices addressed to them
        return self.sudo().search([("user_id", "=", self.env.uid)])

    @api.model
    def get_latest(self, limit=12):
        """Return the newest notices of the current user for the bell.

        :param int limit: how many, at most 50
        :rtype: list[dict]
        """
        limit = min(max(int(limit), 1), 50)
        names = ["subject", "body", "url", "kind", "is_read", "create_date"]
        mine = [("user_id", "=", self.env.uid)]
        return self.sudo().search_read(mine, names, limit=limit)

    def action_read(self):
        """Tick off these notices of the current user; others' are left alone."""
        mine = self._get_mine()
        (mine & self.sudo())._set_read()

    @api.model
    def action_read_all(self):
        """Tick off all notices of the current user."""
        self._get_mine()._set_read()

    def _set_read(self):
        self.filtered(lambda notice: not notice.is_read).write({"is_read": True})
        self.env.user.partner_id._bus_send(
            "huolie.notice", {"unread": self._count_unread(self.env.user)}
        )

    def action_open(self):
        """Tick off one notice and follow its link."""
        self.ensure_one()
        self.check_access("read")
        self.action_read()
        if not self.url:
            return None
        return {"type": "ir.actions.act_url", "url": self.url, "target": "self"}

    # === SENDING === #
    @api.model
    def _send(self, users, subject, body, url=None, kind="info", enterprise=None):
        """Write one notice for each user in the user's language, and mail it.

        :param subject: text, or a callable ``env -> str``
        :param body: text, or a callable ``env -> str``
        :param str url: path inside the product, e.g. ``/odoo/…``
        :return: the notices
        """
        vals_list = []
        for user in users:
            env = self._get_receiver_env(user)
            vals_list.append(
                {
                    "user_id": user.id,
                    "enterprise_id": enterprise.id if enterprise else False,
                    "kind": kind,
                    "subject": subject(env) if callable(subject) else subject,
                    "body": body(env) if callable(body) else body,
                    "url": url,
                }
            )
        notices = self.sudo().create(vals_list)
        notices._mail()
        return notices

    @api.model
    def _get_receiver_env(self, user):
        context = {**self.env.context, "lang": user.lang, "tz": user.tz}
        return self.env(context=context, su=True)

    def _mail(self):
        """Queue one mail for each notice whose receiver has an address."""
        mails = self.env["mail.mail"].sudo()
        for notice in self.filtered("user_id.email"):
            mails |= mails.create(notice._prepare_mail_vals())
        if mails:
            # Now: the queue runs by itself only once an hour.
            self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
        return mails

    def _prepare_mail_vals(self):
        self.ensure_one()
        user = self.user_id
        notice = self.with_env(self._get_receiver_env(user))
        body = self.env["ir.qweb"]._render(
            "huolie_base.notice_mail",
            {"notice": notice, "user": user, "link": self._get_absolute_url()},
            lang=user.lang,
        )
        return {
            "subject": self.subject,
            "body_html": body,
            "email_to": user.email_formatted,
            "email_from": self.env.company.email_formatted or user.email_formatted,
            "auto_delete": True,
        }

    def _get_absolute_url(self):
        base = self.get_base_url()
        return f"{base}{self.url}" if self.url else f"{base}/odoo"

    @api.autovacuum
    def _gc_old_notices(self):
        """Forget what was read three months ago."""
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=90)
        self.search([("is_read", "=", True), ("create_date", "<", limit)]).unlink()
