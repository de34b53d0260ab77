from odoo.tests import tagged

from .tenancy_common import TenancyCase


@tagged("post_install", "-at_install")
class TestNotice(TenancyCase):
    def _last(self, user):
        return self._as(user, self.env["huolie.notice"]).search([], limit=1)

    def test_admins_get_a_notice_and_a_mail(self):
        before = self.env["mail.mail"].search_count([])
        self.alpha._notify("Approved", "Your transfer is here.", url="/odoo/x")
        notice = self._last(self.alpha_admin)
        self.assertEqual(notice.subject, "Approved")
        self.assertFalse(notice.is_read)
        mail = self.env["mail.mail"].search([], limit=1)
        self.assertEqual(self.env["mail.mail"].search_count([]), before + 1)
        self.assertIn("admin@alpha.test", mail.email_to)
        self.assertIn("Your transfer is here.", mail.body_html)
        self.assertIn("/odoo/x", mail.body_html)

    def test_texts_are_made_in_the_receivers_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.alpha_admin.lang = "zh_CN"
        self.alpha._notify(lambda env: f"in {env.lang}", lambda env: env.lang)
        notice = self._last(self.alpha_admin)
        self.assertEqual((notice.subject, notice.body), ("in zh_CN", "zh_CN"))

    def test_changes_by_the_machine_are_in_the_companys_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env.company.partner_id.lang = "zh_CN"
        self.alpha_admin.lang = "en_US"
        public = self.env.ref("base.public_user")
        for user, shown in [
            (self.env.ref("base.user_root"), "已冻结"),
            (public, "已冻结"),
            (self.employee, "Frozen"),
        ]:
            self._track(self.alpha, {"state": "formal"})
            env = self.env(user=user, su=True, context={"lang": "en_US"})
            self._track(self.alpha.with_env(env), {"state": "frozen"})
            kept = self.alpha.message_ids[0].sudo().tracking_value_ids
            self.assertEqual(kept.mapped("new_value_char"), [shown])

    def _track(self, record, vals):
        """Write, and do what follows: each change is a message of its own."""
        record.write(vals)
        self.env.flush_all()
        self.env.cr.precommit.run()

    def test_markup_in_a_text_stays_text(self):
        self.alpha._notify("<b>x</b>", "<script>alert(1)</script>")
        mail = self.env["mail.mail"].search([], limit=1)
        self.assertNotIn("<script>", mail.body_html)

    def test_nobody_sees_or_ticks_off_anothers_notice(self):
        self.alpha._notify("Approved", "…")
        notice = self._last(self.alpha_admin)
        beta = self._as(self.beta_admin, self.env["huolie.notice"])
        self.assertNotIn(notice.id, beta.search([]).ids)
        self.assertFalse([r for r in beta.get_latest() if r["id"] == notice.id])
        beta.browse(notice.id).action_read()
        self.assertFalse(notice.is_read)
        self._as(self.alpha_admin, notice).action_read()
        self.assertTrue(notice.is_read)

    def test_the_bell_rings_on_the_receivers_own_channel(self):
        self.env["bus.bus"].sudo().search([]).unlink()
        self.alpha._notify("Approved", "…")
        self.env.cr.precommit.run()
        rows = self.env["bus.bus"].sudo().search([])
        mine = rows.filtered(lambda row: "huolie.notice" in row.message)
        self.assertEqual(len(mine), 1)
        partner = self.alpha_admin.partner_id
        self.assertIn(f'"res.partner",{partner.id}]', mine.channel.replace(" ", ""))

    def test_unread_counts(self):
        notices = self.env["huolie.notice"]
        self.alpha._notify("1", "…")
        self.alpha._notify("2", "…")
        self.assertEqual(notices._count_unread(self.alpha_admin), 2)
        self._as(self.alpha_admin, notices).action_read_all()
        self.assertEqual(notices._count_unread(self.alpha_admin), 0)
