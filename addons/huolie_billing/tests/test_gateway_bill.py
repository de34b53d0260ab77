import base64
import gzip
import io
import zipfile
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, Form, tagged

from ..services import gatewaybill
from ..services.bankfile import BankFileError
from .gateway import APPID, MCHID, SELLER
from .test_pay import PayCase

WECHAT_HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,"
    "交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,"
    "充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,"
    "费率备注"
)
WECHAT_SUMS = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,"
    "申请退款总金额"
)
ALIPAY_HEAD = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,"
    "终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,"
    "商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,"
    "退款批次号/请求号,服务费（元）,分润（元）,备注"
)


def yuan(fen):
    return f"{fen / 100:.2f}"


def wechat_row(order, fen, refund="", coupon=0, day="2026-11-21", status="SUCCESS"):
    """One row as WeChat writes it: a payment, or a refund when a number is given."""
    fee = f"{fen * 6 / 100000:.5f}"
    back = yuan(fen) if refund else "0.00"
    paid = "0.00" if refund else yuan(fen)
    cells = [
        f"{day} 10:00:01", APPID, MCHID, "0", "", "4200002026112100001", order,
        "oUpF8uMuAJO", "NATIVE", "REFUND" if refund else "SUCCESS", "ICBC_DEBIT",
        "CNY", "0.00" if refund else yuan(fen - coupon), yuan(coupon),
        "50300002026" if refund else "0", refund or "0", back, "0.00",
        "ORIGINAL" if refund else "", status if refund else "", "充值，一笔", "",
        f"-{fee}" if refund else fee, "0.60%", paid, back, "",
    ]  # fmt: skip
    return ",".join(f"`{cell}" for cell in cells)


def wechat_bill(rows):
    sums = ",".join(["`2", "`1.00", "`0.00", "`0.00", "`0.00600", "`1.00", "`0.00"])
    lines = [WECHAT_HEAD, *rows, WECHAT_SUMS, sums, ""]
    return "\r\n".join(lines).encode("utf-8-sig")


def alipay_row(order, fen, refund="", day="2026-11-21", kind=None):
    sign = "-" if refund else ""
    kind = kind or ("退款" if refund else "交易")
    fee = yuan(round(fen * 6 / 1000))
    cells = [
        "2026112122001400001", order, kind, "充值", f"{day} 10:00:00",
        f"{day} 10:00:09", "", "", "", "", "张*(138****8000)", sign + yuan(fen),
        sign + yuan(fen), "0.00", "0.00", "0.00", "0.00", "0.00", "", "0.00", "0.00",
        refund, fee if refund else f"-{fee}", "0.00", "",
    ]  # fmt: skip
    return ",".join(f"{cell}\t" for cell in cells)


def alipay_csv(rows):
    lines = [
        "#支付宝业务明细查询",
        f"#账号：[{SELLER}0156]",
        "#起始日期：[2026年11月21日 00:00:00]   终止日期：[2026年11月22日 00:00:00]",
        "#-----------------------------------------业务明细列表----------------------",
        ALIPAY_HEAD,
        *rows,
        "#-----------------------------------------业务明细列表结束------------------",
        "#交易合计：2笔，商家实收共1.00元，商家优惠共0.00元",
        "#退款合计：1笔，商家实收退款共-1.00元，商家优惠退款共0.00元",
        "#导出时间：[2026年11月22日 09:00:00]",
    ]
    return "\r\n".join(lines).encode("gb18030")


def alipay_bill(rows):
    """A zip with the sums first; its names are in GBK, without a flag that says so."""
    sums = "#支付宝业务汇总查询\r\n门店编号,门店名称,交易订单总笔数\r\n合计,,2\r\n"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (
            ("20880000_20261121_业务明细(汇总).csv", sums.encode("gb18030")),
            ("20880000_20261121_业务明细.csv", alipay_csv(rows)),
        ):
            archive.writestr(name.encode("gbk").decode("cp437"), data)
    return out.getvalue()


@tagged("post_install", "-at_install")
class TestReadBill(BaseCase):
    """The files as the gateways give them; values are as their manuals print them."""

    def test_wechat(self):
        rows = [
            wechat_row("HLAAAAAAA", 50000),
            wechat_row("HLBBBBBBB", 1000, coupon=300),
            wechat_row("HLAAAAAAA", 20000, refund="HLAAAAAAAR1"),
            wechat_row("HLBBBBBBB", 1000, refund="HLBBBBBBBR2", status="FAIL"),
        ]
        for content in (wechat_bill(rows), gzip.compress(wechat_bill(rows))):
            bill = gatewaybill.read_bill(content)
            self.assertEqual((bill.method, bill.merchant), ("wechat", {MCHID}))
            self.assertEqual([str(day) for day in bill.days], ["2026-11-21"])
            self.assertEqual(
                [tuple(row) for row in bill.rows],
                [
                    ("paid", "HLAAAAAAA", "", 50000, 300),
                    ("paid", "HLBBBBBBB", "", 1000, 6),
                    ("refund", "HLAAAAAAA", "HLAAAAAAAR1", 20000, -120),
                ],
            )

    def test_alipay(self):
        rows = [
            alipay_row("HLAAAAAAA", 123450),
            alipay_row("HLAAAAAAA", 20000, refund="HLAAAAAAAR1"),
            alipay_row("HLCCCCCCC", 5000, kind="提现"),
        ]
        for content in (alipay_bill(rows), alipay_csv(rows)):
            bill = gatewaybill.read_bill(content)
            self.assertEqual((bill.method, bill.merchant), ("alipay", {SELLER}))
            self.assertEqual([str(day) for day in bill.days], ["2026-11-21"])
            self.assertEqual(
                [tuple(row) for row in bill.rows],
                [
                    ("paid", "HLAAAAAAA", "", 123450, 741),
                    ("refund", "HLAAAAAAA", "HLAAAAAAAR1", 20000, -120),
                ],
            )

    def test_a_day_without_business(self):
        for content in (wechat_bill([]), alipay_bill([])):
            self.assertEqual(gatewaybill.read_bill(content).rows, [])

    def _code(self, content):
        with self.assertRaises(BankFileError) as found:
            gatewaybill.read_bill(content)
        return found.exception.code

    def test_files_that_are_none(self):
        row = wechat_row("HLAAAAAAA", 50000)
        whole = wechat_bill([row, row])
        self.assertEqual(self._code(b""), "empty")
        self.assertEqual(self._code(b"a,b"), "no_header")
        self.assertEqual(self._code(b"PK\x03\x04 and no zip"), "format")
        self.assertEqual(self._code(b"\x1f\x8b and no gz"), "format")
        self.assertEqual(self._code(gzip.compress(whole)[:-40]), "format")
        self.assertEqual(self._code(whole[: whole.index("总交易".encode())]), "cut_off")
        self.assertEqual(self._code(whole[: len(whole) // 2]), "bad_row")
        wrong = whole.replace(b"`500.00,`0.00,`\r\n", b"`5x,`0.00,`\r\n")
        self.assertEqual(self._code(wrong), "bad_row")

    def test_bombs(self):
        with patch.object(gatewaybill, "MAX_BYTES", 100_000):
            self.assertEqual(self._code(gzip.compress(b"x" * 10**6)), "too_long")
            rows = [alipay_row("HLAAAAAAA", 100)] * 2000
            self.assertEqual(self._code(alipay_bill(rows)), "too_long")
        with patch.object(gatewaybill, "MAX_ROWS", 10):
            rows = [wechat_row("HLAAAAAAA", 100)] * 20
            self.assertEqual(self._code(wechat_bill(rows)), "too_long")


@tagged("post_install", "-at_install")
class TestGatewayBill(PayCase):
    """What finance sees of a day's bill, and what it can do with each difference."""

    def setUp(self):
        super().setUp()
        self.day = str(self.a._get_today())

    def _paid(self, method="wechat", fen=50000, heard=True):
        recharge = self._order(method, fen)
        self.gateway.pay(recharge.code)
        if heard:
            recharge.sudo()._ask_gateway()
        return recharge

    def _row(self, method, *args, **kwargs):
        make = {"wechat": wechat_row, "alipay": alipay_row}[method]
        return make(*args, **{"day": self.day, **kwargs})

    def _upload(self, method, rows, **vals):
        make = {"wechat": wechat_bill, "alipay": alipay_bill}[method]
        bills = self.env["huolie.gateway.bill"].with_user(self.finance)
        values = {"method": method, "day": self.day, "file_name": "bill"}
        values["file"] = base64.b64encode(make(rows))
        return bills.create({**values, **vals})

    def _compare(self, method, rows):
        bill = self._upload(method, rows)
        bill.action_compare()
        return bill

    def _verdicts(self, bill):
        return {line.refund or line.order: line.verdict for line in bill.line_ids}

    def _refund(self, recharge, fen, status="SUCCESS"):
        self.gateway.refund_status = status
        refund = self.env["huolie.refund"].with_user(self.finance)
        refund = refund.create(
            {
                "enterprise_id": self.a.id,
                "kind": "payout",
                "amount": fen / 100,
                "recharge_id": recharge.id,
                "reason": "asked by the customer",
            }
        )
        refund.with_user(self.finance2).action_approve()
        refund.with_user(self.finance2).action_gateway()
        refund.sudo()._drive()
        self.assertEqual(refund.gateway_state, "done")
        return refund

    def test_agrees(self):
        for method in ("wechat", "alipay"):
            one, two = self._paid(method), self._paid(method, 12345)
            refund = self._refund(one, 20000)
            rows = [
                self._row(method, one.code, 50000),
                self._row(method, two.code, 12345),
                self._row(method, one.code, 20000, refund=refund.gateway_number),
            ]
            bill = self._compare(method, rows)
            self.assertEqual((bill.compared, bill.different), (True, 0), method)
            self.assertFalse(bill.line_ids)
            self.assertEqual((bill.paid_count, bill.paid), (2, 623.45))
            self.assertEqual((bill.refund_count, bill.refunded), (1, 200.0))
            self.assertEqual(bill.fees, 3.0 + 0.74 - 1.2)
            self.assertAlmostEqual(bill.arriving, 623.45 - 200 - 2.54)

    def test_each_difference_has_a_next_step(self):
        for method in ("wechat", "alipay"):
            paid, absent, other, twice, lost = (
                self._paid(method),
                self._paid(method),
                self._paid(method),
                self._paid(method),
                self._paid(method, heard=False),
            )
            refund, gone = self._refund(paid, 100), self._refund(paid, 200)
            number = refund.gateway_number
            rows = [
                self._row(method, paid.code, 50000),
                self._row(method, other.code, 49999),
                self._row(method, twice.code, 50000),
                self._row(method, twice.code, 50000),
                self._row(method, lost.code, 50000),
                self._row(method, "HLUNKNOWN", 700),
                self._row(method, paid.code, 101, refund=number),
                self._row(method, paid.code, 300, refund="FROMTHEPAGE"),
            ]
            bill = self._compare(method, rows)
            self.assertEqual(
                self._verdicts(bill),
                {
                    absent.code: "absent",
                    other.code: "amount",
                    twice.code: "twice",
                    lost.code: "uncredited",
                    "HLUNKNOWN": "unknown",
                    number: "refund_amount",
                    "FROMTHEPAGE": "refund_unknown",
                    gone.gateway_number: "refund_absent",
                },
            )
            self.assertEqual(bill.different, 9)
            self.assertTrue(all(bill.line_ids.mapped("next_step")))
            steps = bill.line_ids.mapped("next_step")
            chinese = bill.line_ids.with_context(lang="zh_CN").mapped("next_step")
            self.assertFalse(set(steps) & set(chinese))

    def test_what_was_lost_is_credited_from_the_bill(self):
        for method in ("wechat", "alipay"):
            before = self._balance(self.a)
            lost = self._paid(method, heard=False)
            bill = self._compare(method, [self._row(method, lost.code, 50000)])
            self.assertEqual(self._verdicts(bill), {lost.code: "uncredited"})
            bill.line_ids.action_ask()
            self.assertEqual(lost.state, "approved")
            self.assertEqual(self._balance(self.a), before + 50000)
            self.assertFalse(bill.line_ids)

    def test_a_bill_credits_nothing_by_itself(self):
        """What a file says is no money: only the gateway's signed answer is."""
        unpaid = self._order()
        bill = self._compare("wechat", [self._row("wechat", unpaid.code, 50000)])
        self.assertEqual(self._verdicts(bill), {unpaid.code: "uncredited"})
        with self.assertRaises(UserError):
            bill.line_ids.action_ask()
        self._assert_unpaid(unpaid)
        self.gateway.faults["query"] = "timeout"
        with self.assertRaises(UserError):
            bill.line_ids.action_ask()
        self._assert_unpaid(unpaid)

    def test_around_midnight(self):
        """Paid before midnight, credited after it: on the bill of the day before."""
        late, early = self._paid(), self._paid()
        yesterday = str(self.a._get_today() - timedelta(days=1))
        row = self._row("wechat", late.code, 50000, day=yesterday)
        before = self._upload("wechat", [row], day=yesterday)
        before.action_compare()
        self.assertEqual(before.different, 0)
        bill = self._compare("wechat", [self._row("wechat", early.code, 50000)])
        self.assertEqual(bill.different, 0)
        before.sudo().unlink()
        bill.action_compare()
        self.assertEqual(self._verdicts(bill), {late.code: "absent"})

    def test_wrong_files_are_said_in_words(self):
        row = self._row("wechat", "HLAAAAAAA", 100)
        other_day = self._row("wechat", "HLAAAAAAA", 100, day="2026-01-02")
        whole = wechat_bill([row])
        cases = {
            "other gateway": {"file": base64.b64encode(alipay_bill([]))},
            "2026-01-02": {"file": base64.b64encode(wechat_bill([other_day]))},
            "another merchant": {
                "file": base64.b64encode(whole.replace(MCHID.encode(), b"1900000099"))
            },
            "no trade bill": {"file": base64.b64encode(b"a,b")},
            "cut off": {
                "file": base64.b64encode(whole[: whole.index("总交易".encode())])
            },
            "Line 2": {
                "file": base64.b64encode(
                    whole.replace(b"`1.00,`0.00,`\r", b"`x,`0,`\r")
                )
            },
        }
        for words, vals in cases.items():
            bill = self._upload("wechat", [row], **vals)
            with self.assertRaises(UserError) as found:
                bill.action_compare()
            self.assertIn(words, found.exception.args[0])

    def test_the_form_fills_itself_in(self):
        form = Form(self.env["huolie.gateway.bill"].with_user(self.finance))
        row = self._row("alipay", "HLAAAAAAA", 100, day="2026-01-02")
        form.file = base64.b64encode(alipay_bill([row]))
        self.assertEqual(form.method, "alipay")
        self.assertEqual(str(form.day), "2026-01-02")
        form.file = base64.b64encode(b"no bill at all")
        self.assertEqual(form.method, "alipay")

    def test_for_finance_only(self):
        bill = self._compare("wechat", [self._row("wechat", "HLUNKNOWN", 100)])
        for user in (self.admin_a, self.manager):
            for records in (bill, bill.line_ids):
                with self.assertRaises(AccessError):
                    records.with_user(user).read(["id"])
            with self.assertRaises(AccessError):
                bill.with_user(user).action_compare()
            with self.assertRaises(AccessError):
                bill.line_ids.with_user(user).action_ask()
        with self.assertRaises(AccessError):
            bill.line_ids.with_user(self.finance).write({"verdict": "same"})
        self.assertTrue(bill.create_date <= fields.Datetime.now())
