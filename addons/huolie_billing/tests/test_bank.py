import base64
import io

import openpyxl

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import BaseCase, Form, tagged

from ..services import bankfile, matching
from .common import BillingCase

HEAD = (
    "账户明细,,,,,,\n"
    "交易日期,对方户名,对方账号,借方发生额,贷方发生额,余额,附言,交易流水号\n"
)


def make_csv(rows, coding="gb18030"):
    return (HEAD + "\n".join(rows) + "\n合计,,,0,0,,\n").encode(coding)


@tagged("post_install", "-at_install")
class TestBankFile(BaseCase):
    ROWS = (
        "2026-01-05,甲公司,6222,,1000.00,1000.00,充值,S1",
        '20260106,乙公司,6223,200.00,,800.00,"退款,手续",S2',
        "2026/1/7 10:00:00,丙公司,6224,,￥50.50,850.50,HL,S3",
    )

    def test_csv_in_both_codings(self):
        for coding in ("gb18030", "utf-8-sig"):
            lines = bankfile.read_lines(
                bankfile.read_rows(make_csv(self.ROWS, coding), "a.csv")
            )
            self.assertEqual([x["credit"] for x in lines], [100000, 0, 5050])
            self.assertEqual([x["debit"] for x in lines], [0, 20000, 0])
            self.assertEqual(lines[1]["remark"], "退款,手续")
            self.assertEqual(bankfile.find_gaps(lines), [])

    def test_xlsx(self):
        book = openpyxl.Workbook()
        sheet = book.active
        for row in csv_rows(self.ROWS):
            sheet.append(row)
        out = io.BytesIO()
        book.save(out)
        lines = bankfile.read_lines(bankfile.read_rows(out.getvalue(), "a.xlsx"))
        self.assertEqual([x["credit"] for x in lines], [100000, 0, 5050])

    def test_all_columns_with_words_of_the_payer_are_read(self):
        text = (
            "交易日,收(付)方名称,贷方金额,余额,摘要,备注\n"
            "20260105,甲公司,10.00,10.00,转账,HLABC\n"
        )
        (line,) = bankfile.read_lines(bankfile.read_rows(text.encode(), ""))
        self.assertEqual((line["name"], line["remark"]), ("甲公司", "转账 HLABC"))

    def test_a_column_of_days_is_the_date(self):
        found = bankfile.guess_columns(
            ["a", "b"], below=[["10.00", "20260105"], ["5", "2026-01-06"]]
        )
        self.assertEqual(found, {1: "date"})

    def test_missing_row_shows_as_gap(self):
        rows = (self.ROWS[0], self.ROWS[2])
        lines = bankfile.read_lines(bankfile.read_rows(make_csv(rows), ""))
        ((row, expected, found),) = bankfile.find_gaps(lines)
        self.assertEqual((row, expected, found), (4, 105050, 85050))

    def test_bad_files(self):
        for content, code in (
            (b"", "empty"),
            (b"%PDF-1.7 statement", "pdf"),
            (
                b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
                "password",
            ),
            (b"PK\x03\x04 no zip", "format"),
            (b"\xd0\xcf\x11\xe0 no xls", "format"),
            (b"MZ\x00\xff\xfe", "format"),
            (b"a,b\n1,2\n", "no_header"),
            (make_csv(["2026-01-05,x,1,,abc,1,2,3"]), "bad_row"),
            (make_csv(["2026-02-30,x,1,,5.00,1,2,3"]), "bad_date"),
            (make_csv(["05/01/2026,x,1,,5.00,1,2,3"]), "bad_date"),
            (make_csv(["5-Jan-2026,x,1,,5.00,1,2,3"]), "bad_date"),
        ):
            with self.assertRaises(bankfile.BankFileError) as found:
                bankfile.read_lines(bankfile.read_rows(content))
            self.assertEqual(found.exception.code, code)

    def test_xls_html_and_utf16(self):
        import xlwt

        book = xlwt.Workbook()
        sheet = book.add_sheet("x")
        table = csv_rows(self.ROWS)
        for r, row in enumerate(table):
            for c, cell in enumerate(row):
                sheet.write(r, c, cell)
        out = io.BytesIO()
        book.save(out)
        cells = ["".join(f"<td>{c}</td>" for c in row) for row in table]
        page = "<html><table>" + "".join(f"<tr>{c}</tr>" for c in cells)
        text = "\n".join("\t".join(row) for row in table)
        for content in (
            out.getvalue(),
            page.encode("gb18030"),
            text.encode("utf-16"),
        ):
            lines = bankfile.read_lines(bankfile.read_rows(content, "a.xls"))
            self.assertEqual([x["credit"] for x in lines], [100000, 0, 5050])

    def test_one_column_of_amounts(self):
        head = ["交易日期", "借贷标志", "交易金额", "对方户名"]
        rows = [head, ["20260105", "贷", "10.00", "甲"], ["20260105", "借", "3", "乙"]]
        lines = bankfile.read_lines(rows)
        self.assertEqual(
            [(x["credit"], x["debit"]) for x in lines], [(1000, 0), (0, 300)]
        )
        rows = [["日期", "金额"], ["20260105", "CNY 10.00"], ["20260105", "-3.5元"]]
        lines = bankfile.read_lines(rows)
        self.assertEqual(
            [(x["credit"], x["debit"]) for x in lines], [(1000, 0), (0, 350)]
        )

    def test_what_stands_above_the_header(self):
        rows = [["账号：0200 0045 1920 0123 456", "2026-01-05"], ["日期", "收入"]]
        self.assertEqual(bankfile.find_accounts(rows), {"0200004519200123456"})
        self.assertEqual(
            bankfile.name_columns(rows), {"date": "日期", "credit": "收入"}
        )
        self.assertEqual(bankfile.guess_header([["x"], ["a", "b", "c"], ["1000"]]), 1)

    def test_template_goes_before_the_usual_words(self):
        rows = [["日期", "收入", "摘要", "附言"], ["20260105", "1", "甲公司", "充值"]]
        (line,) = bankfile.read_lines(rows, {"name": "摘要"})
        self.assertEqual((line["name"], line["remark"]), ("甲公司", "充值"))

    def test_template_names_unusual_columns(self):
        rows = [["Tag", "Haben", "Wer"], ["2026-01-05", "10", "甲"]]
        with self.assertRaises(bankfile.BankFileError):
            bankfile.read_lines(rows)
        template = {"date": "Tag", "credit": "Haben", "name": "Wer"}
        (line,) = bankfile.read_lines(rows, template)
        self.assertEqual((line["credit"], line["name"]), (1000, "甲"))

    def test_same_line_has_the_same_fingerprint_in_every_file(self):
        lines = bankfile.read_lines(bankfile.read_rows(make_csv(self.ROWS), ""))
        first = bankfile.fingerprints("A", lines)
        self.assertEqual(first, bankfile.fingerprints("A", lines))
        self.assertEqual(first[1:], bankfile.fingerprints("A", lines[1:]))
        self.assertFalse(set(first) & set(bankfile.fingerprints("B", lines)))
        for line in lines:
            line.update(serial="", balance=None, name="", account="", credit=5, debit=0)
            line["date"] = lines[0]["date"]
        self.assertEqual(len(set(bankfile.fingerprints("A", lines))), 3)

    def test_two_equal_candidates_are_nobodys(self):
        day = bankfile._read_date("2026-01-05")
        wanted = {"fen": 5, "name": "甲", "accounts": set(), "date": day}
        line = {"codes": ["B"], "fen": 5, "name": "甲", "account": "", "date": day}
        two = {1: {**wanted, "code": "A"}, 2: {**wanted, "code": "C"}}
        self.assertIsNone(matching.best(line, two))
        two[2]["code"] = "B"
        self.assertEqual(matching.best(line, two)[0], 2)


def csv_rows(rows):
    import csv

    return list(csv.reader(io.StringIO(HEAD + "\n".join(rows))))


@tagged("post_install", "-at_install")
class TestBankImport(BillingCase):
    def _import(self, rows):
        statement = (
            self.env["huolie.bank.import"]
            .with_user(self.finance)
            .create(
                {
                    "file": base64.b64encode(make_csv(rows)),
                    "file_name": "a.csv",
                    "bank_account_id": self.bank_account.id,
                }
            )
        )
        self.assertIn("rows found", statement.preview)
        statement.action_import()
        return statement

    def _approve_sure(self, statement):
        """Do what the page does with the answer of the button."""
        params = statement.action_approve_sure()["params"]
        return statement.env["huolie.recharge"].browse(params["ids"]).approve_batch()

    def _row(self, code, name=None, amount="1000.00", serial="S1"):
        return f"2026-01-05,{name or self.a.name},6222,,{amount},,{code},{serial}"

    def test_sure_line_is_approved_with_one_click(self):
        recharge = self._file(self.a, 100000)
        statement = self._import([self._row(f"充值 {recharge.code}")])
        line = statement.line_ids
        self.assertEqual((line.recharge_id, line.sure), (recharge, True))
        self.assertEqual(recharge.state, "matched")
        self._approve_sure(statement)
        self.assertEqual(self._balance(self.a), 100000)
        self.assertEqual(recharge.payer_account, "6222")

    def test_same_file_twice_changes_nothing(self):
        recharge = self._file(self.a, 100000)
        rows = [self._row(recharge.code)]
        self._approve_sure(self._import(rows))
        again = self._import(rows)
        self.assertFalse(again.line_ids)
        self.assertEqual(self._balance(self.a), 100000)

    def test_w6_one_line_funds_one_recharge(self):
        first, second = self._file(self.a, 100000), self._file(self.a, 100000)
        statement = self._import([self._row(f"{first.code} {second.code}")])
        self.assertEqual(len(statement.line_ids.recharge_id), 1)
        states = {first.state, second.state}
        self.assertEqual(states, {"matched", "filed"})

    def test_other_name_or_amount_is_left_for_a_person(self):
        recharge = self._file(self.a, 100000)
        statement = self._import([self._row(recharge.code, "别的公司", "900.00")])
        self.assertFalse(statement.line_ids.sure)
        with self.assertRaises(UserError):
            statement.action_approve_sure()
        self.assertEqual(recharge.state, "matched")
        mine = recharge.with_user(self.finance)
        self.assertTrue(mine.hold_reason)
        with self.assertRaises(UserError):
            mine.action_approve()
        mine.hold_note = "seen"
        mine.action_approve()
        self.assertEqual(self._balance(self.a), 90000)

    def test_money_before_the_filing(self):
        self.a.verified = True
        code = self.a._get_remark_code()
        statement = self._import([self._row(code)])
        recharge = statement.line_ids.recharge_id
        self.assertEqual((recharge.enterprise_id, recharge.code), (self.a, code))
        with self.assertRaises(UserError):
            recharge.with_user(self.finance).action_approve()
        recharge.with_user(self.finance2).action_approve()
        self.assertEqual(self._balance(self.a), 100000)

    def test_undo_before_approval(self):
        recharge = self._file(self.a, 100000)
        statement = self._import([self._row(recharge.code)])
        statement.line_ids.action_unmatch()
        self.assertEqual(recharge.state, "filed")
        statement.line_ids.action_match_again()
        self.assertEqual(recharge.state, "matched")

    def test_small_sure_ones_by_themselves_when_set(self):
        self.config.auto_approve_below = 2000
        recharge = self._file(self.a, 100000)
        self._import([self._row(recharge.code)])
        self.assertEqual(recharge.state, "approved")

    # === LINES THAT NEVER MATTER === #
    def _rule(self, **vals):
        rules = self.env["huolie.bank.rule"].with_user(self.finance)
        return rules.create({"name": "interest", **vals})

    def _interest(self, serial="I1", remark="结息 20260105", name="工商银行"):
        return f"2026-01-05,{name},,,1.23,,{remark},{serial}"

    def test_rule_ignores_at_import_and_says_so(self):
        rule = self._rule(payer="工商银行", remark="结息")
        recharge = self._file(self.a, 100000)
        statement = self._import([self._interest(), self._row(recharge.code)])
        ignored = statement.line_ids.filtered("rule_id")
        self.assertEqual((ignored.state, ignored.amount), ("ignored", 1.23))
        self.assertEqual((rule.ignored_count, recharge.state), (1, "matched"))
        self.assertIn("1 ignored", statement.result)
        self.assertTrue(self._audited(rule))

    def test_rule_from_a_line_and_back(self):
        statement = self._import([self._interest(), self._interest("I2", "手续费")])
        line, other = statement.line_ids.sorted("serial")
        context = line.with_user(self.finance).action_ignore_always()["context"]
        rules = self.env["huolie.bank.rule"].with_user(self.finance)
        page = Form(rules.with_context(**context))
        self.assertEqual((page.payer, page.remark), ("工商银行", "结息"))
        self.assertEqual(page.fitting_count, 1)
        rule = page.save()
        rule.action_apply()
        self.assertEqual((line.state, other.state), ("ignored", "new"))
        rule.remark = False
        rule.action_apply()
        self.assertEqual(other.rule_id, rule)
        rule.remark = "手续费"
        self.assertEqual((line.state, other.state), ("new", "ignored"))
        rule.action_archive()
        self.assertEqual((other.state, other.rule_id.id), ("new", False))

    def test_ignored_line_is_taken_back_by_hand(self):
        self._rule(payer="工商银行")
        line = self._import([self._interest()]).line_ids
        line.with_user(self.finance).action_unmatch()
        self.assertEqual((line.state, line.rule_id.id), ("new", False))

    def test_no_rule_ignores_a_code_or_an_enterprise(self):
        self._rule(payer="公司")
        self._rule(remark="充值")
        self._rule(payer=self.b.name)
        gone = self._file(self.a, 100000)
        gone.sudo().state = "rejected"
        statement = self._import(
            [
                self._row(f"充值 {gone.code}", "某某公司"),
                self._row("货款", self.b.name, serial="S2"),
                self._row("货款", "某某公司", serial="S3"),
            ]
        )
        states = {line.serial: line.state for line in statement.line_ids}
        self.assertEqual(states, {"S1": "new", "S2": "new", "S3": "ignored"})

    def test_rule_needs_words_and_finance(self):
        for vals in ({}, {"payer": "行"}, {"payer": "工商银行", "remark": "—"}):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self._rule(**vals)
        other = self.bank_account.copy({"number": "99"})
        rule = self._rule(payer="工商银行", bank_account_id=other.id)
        line = self._import([self._interest()]).line_ids
        self.assertEqual(line.state, "new")
        for user in (self.manager, self.admin_a):
            with self.assertRaises(AccessError):
                rule.with_user(user).read(["name"])
            with self.assertRaises(AccessError):
                line.with_user(user).action_ignore_always()

    # === NAMING THE COLUMNS === #
    def _draft(self, content, name="a.csv"):
        return (
            self.env["huolie.bank.import"]
            .with_user(self.finance)
            .create(
                {
                    "file": base64.b64encode(content),
                    "file_name": name,
                    "bank_account_id": self.bank_account.id,
                }
            )
        )

    def test_newcomer_names_the_columns(self):
        text = "对账单\nTag,Haben,Wer,Zweck\n2026-01-05,10.00,甲,x\n"
        statement = self._draft(text.encode())
        self.assertIn("Name the columns", statement.preview)
        self.assertIn("Zweck", statement.preview)
        with self.assertRaises(UserError):
            statement.action_import()
        action = statement.action_name_columns()
        page = self.env[action["res_model"]].browse(action["res_id"])
        page = page.with_user(self.finance)
        self.assertEqual(page.header_row, 2)
        self.assertEqual(
            page.line_ids.mapped("header"), ["Tag", "Haben", "Wer", "Zweck"]
        )
        self.assertEqual(page.line_ids[0].samples, "2026-01-05")
        with self.assertRaises(UserError):
            page.action_save()
        for line, kind in zip(page.line_ids, ("date", "credit", "name"), strict=False):
            line.kind = kind
        page.name = "Test bank"
        page.action_save()
        self.assertEqual(statement.template_id.payer, "Wer")
        self.assertIn("rows found", statement.preview)
        statement.action_import()
        self.assertEqual(statement.line_ids.amount, 10)

    def test_other_row_is_the_header(self):
        statement = self._draft("a,b,c\n甲,Tag,Haben\n".encode())
        page = self.env["huolie.bank.columns"].browse(
            statement.action_name_columns()["res_id"]
        )
        form = Form(page.with_user(self.finance))
        form.header_row = 2
        self.assertEqual(form.save().line_ids.mapped("header"), ["甲", "Tag", "Haben"])

    def test_preview_shows_gap_account_and_what_is_known(self):
        rows = (TestBankFile.ROWS[0], TestBankFile.ROWS[2])
        statement = self._draft(
            "账号 6222000011112222\n".encode() + make_csv(rows, "utf-8")
        )
        for text in ("1,050.50", "850.50", "6222000011112222", "table-warning"):
            self.assertIn(text, statement.preview)
        statement.action_import()
        again = self._draft(make_csv(rows))
        self.assertIn("imported before", again.preview)

    def test_files_that_cannot_be_read_say_what_to_do(self):
        for content, text in (
            (b"%PDF-1.4", "PDF"),
            (b"MZ\x00\xff", "unchanged"),
            (make_csv(["2026-01-05,x,1,,abc,1,2,3"]), "row 3"),
        ):
            self.assertIn(text, self._draft(content).preview)

    def test_batch_goes_on_after_a_bad_one(self):
        good, held, gone = [self._file(self.a, 100000) for _i in range(3)]
        held.sudo().payer_name = "别的公司"
        mine = (good | held | gone).with_user(self.finance)
        ids = mine.action_approve_many()["params"]["ids"]
        self.assertEqual(len(ids), 3)
        gone.with_user(self.finance2).action_approve()
        results = {row["id"]: row for row in mine.approve_batch()}
        self.assertEqual(results[good.id]["state"], "approved")
        self.assertEqual(results[held.id]["state"], "failed")
        self.assertIn("别的公司", results[held.id]["error"])
        self.assertEqual(results[gone.id]["state"], "done")
        self.assertEqual(self._balance(self.a), 200000)
        with self.assertRaises(AccessError):
            good.with_user(self.admin_a).approve_batch()

    def test_one_reason_for_several_held_ones(self):
        good, held, other = [self._file(self.a, 100000) for _i in range(3)]
        (held | other).sudo().payer_name = "别的公司"
        mine = (good | held | other).with_user(self.finance)
        rows = mine.action_approve_many()["params"]["held"]
        self.assertEqual({row["id"] for row in rows}, {held.id, other.id})
        self.assertIn("别的公司", rows[0]["why"])
        self.assertEqual(rows[0]["amount"], "1,000.00")
        self.assertEqual(rows[0]["payer"], "别的公司")
        results = mine.approve_batch("  confirmed by telephone ")
        self.assertEqual({row["state"] for row in results}, {"approved"})
        self.assertEqual(self._balance(self.a), 300000)
        self.assertFalse(good.hold_note)
        self.assertEqual(held.hold_note, "confirmed by telephone")
        for recharge in (held, other):
            self.assertIn("confirmed by telephone", self._audited(recharge))
        self.assertNotIn("telephone", self._audited(good))

    def test_one_reason_does_not_replace_another_or_help_the_filer(self):
        first, second = self._file(self.a, 100000), self._file(self.a, 100000)
        (first | second).sudo().payer_name = "别的公司"
        first.with_user(self.finance).hold_note = "its own reason"
        second.sudo().filer_id = self.finance
        mine = (first | second).with_user(self.finance)
        held = mine.action_approve_many()["params"]["held"]
        self.assertEqual([row["id"] for row in held], [second.id])
        states = [row["state"] for row in mine.approve_batch("for all")]
        self.assertEqual(sorted(states), ["approved", "failed"])
        self.assertEqual(first.hold_note, "its own reason")
        self.assertFalse(second.hold_note)
        self.assertEqual(second.state, "filed")

    def test_blank_reason_approves_nothing_held(self):
        held = self._file(self.a, 100000)
        held.sudo().payer_name = "别的公司"
        (row,) = held.with_user(self.finance).approve_batch("  ")
        self.assertEqual((row["state"], held.state), ("failed", "filed"))

    def _audited(self, record):
        domain = [("model", "=", record._name), ("res_id", "=", record.id)]
        rows = self.env["huolie.audit"].sudo().search(domain)
        return " ".join(rows.mapped(lambda row: row.new or ""))

    def test_batch_has_a_limit(self):
        many = self.env["huolie.recharge"].union(
            *[self._file(self.a, 100000) for _i in range(21)]
        )
        with self.assertRaises(UserError):
            many.with_user(self.finance).approve_batch()

    def test_small_ones_that_need_a_second_person_stay(self):
        self.config.auto_approve_below = 2000
        self.a.verified = True
        statement = self._import([self._row(self.a._get_remark_code())])
        self.assertEqual(statement.state, "done")
        self.assertEqual(statement.line_ids.recharge_id.state, "matched")

    def test_transfer_is_found_by_its_enterprise(self):
        recharge = self._file(self.a, 100000)
        pages = self.env["huolie.recharge"].with_user(self.finance)
        found = pages.with_context(with_enterprise=True).name_search(
            self.a.name, [("state", "=", "filed")]
        )
        names = dict(found)
        self.assertIn(recharge.id, names)
        self.assertIn(self.a.name, names[recharge.id])
        self.assertIn("1,000.00", names[recharge.id])

    def test_what_fits_is_said_in_words(self):
        recharge = self._file(self.a, 100000)
        line = self._import([self._row(recharge.code)]).line_ids
        self.assertEqual(line.fits_text, "remark code + payer + amount + date")

    def test_pair_by_hand(self):
        recharge = self._file(self.a, 100000)
        statement = self._import([self._row("no code", "someone", "77.00")])
        line = statement.line_ids
        self.assertEqual(line.state, "new")
        pages = self.env["huolie.bank.pair"]
        vals = {"line_id": line.id, "recharge_id": recharge.id}
        with self.assertRaises(AccessError):
            pages.with_user(self.manager).create(vals)
        page = pages.with_user(self.finance).create(vals)
        page.action_pair()
        self.assertEqual((line.recharge_id, line.sure), (recharge, False))
        self.assertEqual((recharge.state, recharge.amount_received), ("matched", 77))
        with self.assertRaises(UserError):
            page.action_pair()

    def test_the_transfer_most_alike_stands_first(self):
        other = self._file(self.b, 7700)
        alike = self._file(self.a, 7700)
        line = self._import([self._row("货款", "测试企业A公司", "77.00")]).line_ids
        with self.assertRaises(AccessError):
            line.with_user(self.manager).action_open_pair()
        action = line.with_user(self.finance).action_open_pair()
        page = self.env["huolie.bank.pair"].browse(action["res_id"])
        choices = page.with_user(self.finance).choice_ids
        shown = choices.recharge_id & (alike | other)
        self.assertEqual(choices[0].recharge_id, alike)
        self.assertTrue(choices[0].same_amount)
        self.assertEqual(shown, alike | other)
        choices[0].action_pair()
        self.assertEqual((line.recharge_id, line.sure), (alike, False))
        with self.assertRaises(UserError):
            choices[1].action_pair()
        # approved from the list: held, as the bank names another payer
        params = line.with_user(self.finance).action_approve_matched()["params"]
        self.assertEqual([row["id"] for row in params["held"]], alike.ids)

    def test_line_of_a_transfer_credited_before_funds_no_other(self):
        by_hand = self._file(self.a, 100000)
        by_hand.with_user(self.finance).action_approve()
        line = self._import([self._row(by_hand.code)]).line_ids
        self.assertEqual((line.recharge_id, line.sure), (by_hand, False))
        self.assertEqual(line.state, "matched")
        self.assertEqual(self._balance(self.a), 100000)

    def test_credited_and_waiting_that_fit_alike_are_left_to_a_person(self):
        by_hand, other = self._file(self.a, 100000), self._file(self.a, 100000)
        by_hand.with_user(self.finance).action_approve()
        line = self._import([self._row("货款")]).line_ids
        self.assertEqual((line.state, other.state), ("new", "filed"))
        page = self.env["huolie.bank.pair"].with_user(self.finance)
        page.create({"line_id": line.id, "recharge_id": by_hand.id}).action_pair()
        self.assertEqual((line.recharge_id, other.state), (by_hand, "filed"))
        self.assertEqual(self._balance(self.a), 100000)

    def test_credited_with_another_amount_is_not_tied(self):
        by_hand = self._file(self.a, 100000)
        by_hand.with_user(self.finance).action_approve()
        line = self._import([self._row(by_hand.code, amount="900.00")]).line_ids
        self.assertEqual(line.state, "new")
        page = self.env["huolie.bank.pair"].with_user(self.finance)
        with self.assertRaises(UserError):
            page.create({"line_id": line.id, "recharge_id": by_hand.id}).action_pair()

    def test_line_of_a_refused_transfer_is_free_again(self):
        recharge = self._file(self.a, 100000)
        line = self._import([self._row(recharge.code)]).line_ids
        recharge.with_user(self.finance)._reject("wrong")
        self.assertEqual((line.state, line.recharge_id.id), ("new", False))
        taken = self._file(self.a, 100000)
        line = self._import([self._row(taken.code, serial="S2")]).line_ids
        taken.with_user(self.admin_a).action_withdraw()
        self.assertEqual((line.state, line.sure), ("new", False))

    def test_only_finance_sees_the_bank(self):
        recharge = self._file(self.a, 100000)
        statement = self._import([self._row(recharge.code)])
        for user in (self.admin_a, self.manager):
            with self.assertRaises(AccessError):
                statement.with_user(user).read(["result"])
            with self.assertRaises(AccessError):
                statement.line_ids.with_user(user).read(["amount"])
