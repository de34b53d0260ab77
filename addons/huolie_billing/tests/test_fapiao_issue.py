import base64
import io
import zipfile

from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, Form, tagged

from ..services import fapiaofile
from .common import BillingCase

CODE = "91110000600037341L"
ONE, TWO = "26332000000000000001", "26332000000000000002"
XML = (
    "<?xml version='1.0' encoding='UTF-8'?><EInvoice><EIid>{number}</EIid>"
    "<BuyerName>{title}</BuyerName><Total>{amount}</Total></EInvoice>"
)


def make_xml(number, title, amount):
    return XML.format(number=number, title=title, amount=amount).encode()


def make_pdf(text):
    from reportlab.pdfgen import canvas

    out = io.BytesIO()
    page = canvas.Canvas(out)
    page.drawString(50, 700, text)
    page.save()
    return out.getvalue()


@tagged("post_install", "-at_install")
class TestFapiaoFile(BaseCase):
    def test_text_of_xml_ofd_and_pdf(self):
        xml = make_xml(ONE, "甲公司", "597.00")
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("Doc_0/Pages/Page_0/Content.xml", xml)
            archive.writestr("Doc_0/Res/seal.bin", b"\x00\x01")
        for content in (xml, out.getvalue()):
            text = fapiaofile.read_text(content)
            self.assertIn("甲公司", text)
            self.assertEqual(fapiaofile.find_number("a", text), ONE)
        text = fapiaofile.read_text(make_pdf(f"No {TWO} {CODE}"))
        self.assertEqual(fapiaofile.find_number("", text), TWO)
        self.assertIn(CODE, text)

    def test_broken_files_have_no_text(self):
        for content in (b"", b"%PDF-1.7 x", b"PK\x03\x04 no zip", b"\x89PNG"):
            self.assertEqual(fapiaofile.read_text(content), "")

    def test_number_in_the_name_goes_first(self):
        name = f"dzfp_{ONE}_甲公司_20261122.pdf"
        self.assertEqual(fapiaofile.find_number(name, f"x {TWO}"), ONE)
        self.assertEqual(fapiaofile.find_number(f"{ONE} {TWO}", ""), "")
        self.assertEqual(fapiaofile.find_number(ONE + "9", ""), "")

    def test_title_amount_and_tax_number(self):
        wanted = {"title": "甲（北京）公司", "tax_number": CODE, "fen": 123456}
        points, fits = fapiaofile.score("甲(北京)公司 1,234.56.pdf", "", wanted)
        self.assertEqual((points, fits), (70, {"title", "amount"}))
        self.assertEqual(fapiaofile.score(CODE.lower(), "", wanted)[0], 50)
        self.assertEqual(fapiaofile.score("1234.56", "", wanted)[0], 0)

    def test_each_file_gets_one_request(self):
        same = {"title": "甲公司", "tax_number": "", "fen": 500}
        requests = {1: same, 2: {**same, "fen": 900}, 3: {**same, "title": "乙公司"}}
        files = {
            "a": {"name": "甲公司 9.00", "text": ""},
            "b": {"name": "甲公司 5.00", "text": ""},
            "c": {"name": "丙公司", "text": ""},
            "d": {"name": "乙公司", "text": ""},
        }
        found = fapiaofile.assign(files, requests)
        self.assertEqual({k: v[0] for k, v in found.items()}, {"a": 2, "b": 1, "d": 3})


@tagged("post_install", "-at_install")
class TestFapiaoIssue(BillingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.config.fapiao_policy = "recharge"
        # what the demo data left to do
        waiting = cls.env["huolie.fapiao"].search([("state", "=", "submitted")])
        waiting.state = "rejected"

    def _ask(self, enterprise, admin, fen, title):
        recharge = self._recharge(enterprise, fen)
        vals = {
            "kind": "normal",
            "title": title,
            "tax_number": CODE,
            "email": f"{title}@books.example",
        }
        fapiao = self.env["huolie.fapiao"].with_user(admin)
        return fapiao._request(enterprise, recharge, vals).with_user(self.finance)

    def _two(self):
        first = self._ask(self.a, self.admin_a, 59700, "first")
        return first, self._ask(self.b, self.admin_b, 88800, "second")

    def _upload(self, name, content):
        vals = {"name": name, "raw": content, "res_model": "huolie.fapiao.issue"}
        return self.env["ir.attachment"].with_user(self.finance).create(vals)

    def _open(self, fapiaos):
        action = fapiaos.action_open_issue()
        pages = self.env["huolie.fapiao.issue"].with_user(self.finance)
        return Form(pages.with_context(**action["context"]))

    def test_one_file_is_enough(self):
        fapiao, other = self._two()
        page = self._open(fapiao)
        page.file_ids.add(self._upload(f"dzfp_{ONE}.pdf", make_pdf("x")))
        self.assertEqual(page.others, 1)
        page.save().action_issue()
        self.assertEqual((fapiao.state, fapiao.number), ("delivered", ONE))
        self.assertTrue(base64.b64decode(fapiao.file).startswith(b"%PDF-"))
        self.assertEqual(fapiao.file_name, f"dzfp_{ONE}.pdf")
        self.assertEqual(other.state, "submitted")
        rows = self.env["huolie.audit"].search(
            [("model", "=", fapiao._name), ("res_id", "=", fapiao.id)]
        )
        actions = {row.action for row in rows}
        steps = {"fapiao.accepted", "fapiao.issued", "fapiao.delivered"}
        self.assertLessEqual(steps, actions)

    def test_delivering_mails_the_file(self):
        fapiao = self._ask(self.a, self.admin_a, 59700, "first")
        page = self._open(fapiao)
        page.file_ids.add(self._upload(f"{ONE}.xml", make_xml(ONE, "first", "597.00")))
        page.save().action_issue()
        mail = self.env["mail.mail"].search([("email_to", "=", "first@books.example")])
        self.assertEqual(mail.attachment_ids.name, f"{ONE}.xml")
        self.assertIn(ONE, mail.body_html)
        self.assertIn("597.00", mail.body_html)

    def test_without_delivery_it_stays_issued(self):
        fapiao = self._ask(self.a, self.admin_a, 59700, "first")
        page = self._open(fapiao)
        page.deliver = False
        page.file_ids.add(self._upload(f"{ONE}.xml", make_xml(ONE, "first", "597.00")))
        page.save().action_issue()
        self.assertEqual(fapiao.state, "issued")
        fapiao.action_deliver()
        self.assertEqual(fapiao.state, "delivered")

    def test_many_files_find_their_requests(self):
        first, second = self._two()
        page = self._open(second | first)
        page.file_ids.add(self._upload("b.xml", make_xml(TWO, "second", "888.00")))
        page.file_ids.add(self._upload("a.xml", make_xml(ONE, "first", "597.00")))
        page.file_ids.add(self._upload("c.xml", make_xml("1" * 20, "third", "5.00")))
        self.assertEqual((page.unmatched, page.ready), ("c.xml", 2))
        page.save().action_issue()
        self.assertEqual((first.number, second.number), (ONE, TWO))
        self.assertEqual((first | second).mapped("state"), ["delivered", "delivered"])

    def test_what_is_wrong_is_said_and_nothing_is_issued(self):
        first, second = self._two()
        page = self._open(first | second)
        with self.assertRaises(UserError):
            page.save().action_issue()
        page = self._open(first | second)
        page.file_ids.add(self._upload("a.xml", make_xml(ONE, "first", "597.00")))
        with page.line_ids.edit(1) as line:
            line.number = "123"
            self.assertTrue(line.problem)
        with self.assertRaisesRegex(UserError, "second"):
            page.save().action_issue()
        self.assertEqual(first.state, "submitted")

    def test_number_of_another_fapiao(self):
        first, second = self._two()
        page = self._open(first)
        page.file_ids.add(self._upload(f"{ONE}.xml", make_xml(ONE, "first", "597.00")))
        page.save().action_issue()
        page = self._open(second)
        page.file_ids.add(self._upload(f"{ONE}.xml", make_xml(ONE, "x", "1.00")))
        with page.line_ids.edit(0) as line:
            self.assertIn("first", line.problem)
        with self.assertRaises(UserError):
            page.save().action_issue()

    def test_file_of_another_one_is_a_doubt(self):
        fapiao = self._ask(self.a, self.admin_a, 59700, "first")
        page = self._open(fapiao)
        page.file_ids.add(self._upload("x.xml", make_xml(ONE, "other", "1.00")))
        with page.line_ids.edit(0) as line:
            self.assertIn("title", line.doubt)
            line.number = TWO
            self.assertIn(ONE, line.doubt)
        self.assertEqual(page.ready, 1)

    def test_name_of_another_enterprise_is_a_doubt(self):
        fapiao = self._ask(self.a, self.admin_a, 59700, "甲成商贸有限公司")
        for name, doubt in (("乙成商贸有限公司", True), ("甲成商贸有限公司", False)):
            page = self._open(fapiao)
            page.file_ids.add(
                self._upload(f"dzfp_{ONE}_{name}.png", b"\x89PNG\r\n\x1a\n")
            )
            with page.line_ids.edit(0) as line:
                self.assertEqual(bool(line.doubt), doubt)

    def test_then_the_next_one(self):
        first, second = self._two()
        page = self._open(first)
        page.file_ids.add(self._upload(f"{ONE}.xml", make_xml(ONE, "first", "597.00")))
        action = page.save().action_issue_next()
        self.assertEqual(action["res_model"], "huolie.fapiao.issue")
        self.assertEqual(action["context"]["active_ids"], second.ids)
        self.assertEqual(first.state, "delivered")

    def test_only_finance_issues(self):
        fapiao = self._ask(self.a, self.admin_a, 59700, "first")
        for user in (self.manager, self.admin_a):
            with self.assertRaises(AccessError):
                fapiao.with_user(user).action_open_issue()
            with self.assertRaises(AccessError):
                self.env["huolie.fapiao.issue"].with_user(user).create({})
        fapiao.answer = "no"
        fapiao.action_reject()
        with self.assertRaises(UserError):
            fapiao.action_open_issue()
