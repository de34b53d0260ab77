from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError

# What a person of an enterprise may say when posting; the rest (author, sender,
# addresses) would let it write mail in somebody else's name.
POST_ARGUMENTS = {
    "body",
    "subject",
    "message_type",
    "partner_ids",
    "attachment_ids",
    "parent_id",
}
POST_TYPES = {"comment", "notification"}
# Not Odoo's own note: people who are no employees do not see those, not even theirs.
POST_SUBTYPE = "huolie_base.mt_note"
ODOO_NOTE = "mail.mt_note"


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def message_post(self, **kwargs):
        """Post; a person of an enterprise reaches only its own enterprise."""
        if self._is_guarded():
            kwargs = self._prepare_tenant_post(kwargs)
        elif self.env.user._is_tenant() and kwargs.get("subtype_xmlid") == ODOO_NOTE:
            # the chatter's route posts with sudo
            kwargs["subtype_xmlid"] = POST_SUBTYPE
        return super().message_post(**kwargs)

    def message_notify(self, **kwargs):
        self._check_may_mail()
        return super().message_notify(**kwargs)

    def message_mail_with_source(self, *args, **kwargs):
        self._check_may_mail()
        return super().message_mail_with_source(*args, **kwargs)

    def message_post_with_source(self, *args, **kwargs):
        self._check_may_mail()
        return super().message_post_with_source(*args, **kwargs)

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        if self._is_guarded():
            partner_ids = self._get_own_partner_ids(partner_ids)
        return super().message_subscribe(partner_ids, subtype_ids)

    def _message_track(self, fields_iter, initial_values_dict):
        """Write down changes by the machine in the language of the company.

        Scheduled actions and notices of gateways have no language of their own; what
        is kept in the chatter of our records is read by people of the company.
        """
        if self._name.startswith("huolie.") and self._is_by_machine():
            code = self.env["res.lang"]._get_code(self.env.company.partner_id.lang)
            self = self.with_context(lang=code or self.env.lang)
        return super()._message_track(fields_iter, initial_values_dict)

    @api.model
    def _is_by_machine(self):
        return self.env.uid == SUPERUSER_ID or self.env.user._is_public()

    def _check_may_mail(self):
        """Refuse mail to free addressees; only the server sends that for a tenant.

        :raise AccessError: when a person of an enterprise asks for it
        """
        if self._is_guarded():
            raise AccessError(self.env._("You cannot send messages this way."))

    @api.model
    def _prepare_tenant_post(self, kwargs):
        post = {k: v for k, v in kwargs.items() if k in POST_ARGUMENTS}
        if post.get("message_type") not in POST_TYPES:
            post["message_type"] = "comment"
        post["subtype_xmlid"] = POST_SUBTYPE
        post["partner_ids"] = self._get_own_partner_ids(post.get("partner_ids"))
        return post

    @api.model
    def _get_own_partner_ids(self, partner_ids):
        """Keep the partners of the user's own enterprise, drop the others."""
        ids = [i for i in partner_ids or [] if isinstance(i, int)]
        domain = [
            ("id", "in", ids),
            ("enterprise_id", "=", self.env.user.enterprise_id.id),
        ]
        return self.env["res.partner"].search(domain).ids if ids else []

    def _thread_to_store(self, store, fields, *, request_list=None):
        """Load the chatter of a tenant without what is for internal users only."""
        if request_list is not None and self.env.user._is_tenant():
            request_list = [
                name for name in request_list if name in ("attachments", "display_name")
            ]
        return super()._thread_to_store(store, fields, request_list=request_list)
