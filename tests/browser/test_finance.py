"""Finance's day at its own screens (B2, B3, B8, B9), proven by the balances."""

import datetime

import pytest

from tests.e2e.backend import Backend

DOMAIN = "@demo.huolie.example"
FINANCE, SECOND = f"finance{DOMAIN}", f"finance2{DOMAIN}"
FORMAL, PERSON, SHORT = (
    "杭州晨光家居有限公司",
    "成都锦里食品有限公司",
    "宁波海川贸易有限公司",
)
NUMBER = "26332000001234567890"
# the bank names its columns as no other does: what each of them is
COLUMNS = {"到账那天": "日期", "谁付的": "付款方", "进来": "收入", "剩下": "余额"}


class Finance:
    """One person of the operator's finance at the screens of money."""

    def __init__(self, server, page, login):
        self.page = page
        self.client = Backend(page, server.url).log_in(login, server.password)
        # whoever has one app only stands in it
        if page.locator(f"[data-menu-xmlid='{money('menu_money')}']").count() == 0:
            self.client.app("huolie_base.menu_operator_root")

    def go(self, menu, title):
        """Walk the menu; wait for that page, as the one before may come late."""
        self.client.menu(money("menu_money"), money(menu))
        head = self.page.locator(".o_control_panel .o_breadcrumb")
        head.get_by_text(title, exact=True).first.wait_for()

    def tick(self, text):
        """Choose a row of the list."""
        self.client.row(text).locator(".o_list_record_selector input").check()

    def open_row(self, text):
        self.client.row(text).locator("td[name]").first.click()
        self.page.locator(".o_form_view").wait_for()

    def line_button(self, text, name):
        self.client.row(text).locator(f"button[name={name}]").click()

    def closed(self):
        """Wait until no dialog is open."""
        self.page.locator(".modal:visible").first.wait_for(state="hidden")

    def say_columns(self):
        self.client.press("action_name_columns")
        rows = self.page.locator(".modal .o_data_row")
        rows.first.wait_for()
        for header, kind in COLUMNS.items():
            cell = rows.filter(has_text=header).locator("[name=kind]")
            if cell.inner_text().strip() == kind:
                continue  # the machine found it by itself
            cell.click()
            cell.locator("input").click()
            choices = self.page.locator(".o_select_menu_item:visible")
            choices.get_by_text(kind, exact=True).click()
        self.client.press("action_save")
        self.closed()

    def approve(self, name, reason, count):
        """Press the button of that name; give one reason for those that are held."""
        self.client.press(name)
        dialog = self.page.locator(".modal:visible")
        dialog.locator("textarea, input[type=text]").last.fill(reason)
        dialog.locator("button.btn-primary").last.click()
        dialog.get_by_text(f"{count} / {count}").wait_for()
        dialog.get_by_role("button", name="关闭").last.click()
        self.closed()


def money(name):
    return f"huolie_billing.{name}"


@pytest.fixture
def finance(server, new_page):
    return lambda login=FINANCE: Finance(server, new_page(), login)


@pytest.fixture
def balance(server):
    """`balance(enterprise)`: what its wallet holds and what its movements add up to."""

    def read(name):
        rows = server.query(
            "SELECT w.balance, (SELECT sum(amount) FROM huolie_wallet_entry"
            " WHERE wallet_id = w.id) FROM huolie_wallet w"
            " JOIN huolie_enterprise e ON e.id = w.enterprise_id"
            " JOIN res_partner p ON p.id = e.partner_id WHERE p.name = %s",
            name,
        )
        held, moved = rows[0]
        assert held == (moved or 0)
        return float(held)

    return read


@pytest.fixture(scope="module")
def codes(server):
    """Enterprise → remark code of its waiting transfer; one is filed here."""
    admin = server.rpc(f"haichuan.admin{DOMAIN}")
    page = admin.call(
        "huolie.recharge.wizard", "create", {"method": "transfer", "amount": "700"}
    )
    admin.call("huolie.recharge.wizard", "action_confirm", page)
    rows = server.query(
        "SELECT p.name, r.code FROM huolie_recharge r"
        " JOIN huolie_enterprise e ON e.id = r.enterprise_id"
        " JOIN res_partner p ON p.id = e.partner_id WHERE r.state = 'filed'"
    )
    found = dict(rows)
    assert {FORMAL, PERSON, SHORT} <= found.keys()
    return found


def make_statement(codes):
    """A csv in GB18030: one line fits, one was paid by a person, one has no code."""
    today = datetime.date.today().strftime("%Y%m%d")
    lines = [
        (FORMAL, 2000, 12000, codes[FORMAL]),
        ("何小川", 1000, 13000, codes[PERSON]),
        # a row before it is missing
        ("海川贸易", 700, 13750, "货款"),
        ("", 3.21, 13753.21, "结息"),
    ]
    rows = ["甬江商业银行流水", "到账那天,谁付的,进来,剩下,附言"]
    rows += [f"{today},{name},{a:.2f},{b:.2f},{note}" for name, a, b, note in lines]
    return {
        "name": "甬江银行.csv",
        "mimeType": "text/csv",
        "buffer": "\n".join(rows).encode("gb18030"),
    }


def clean(page):
    others = [text for text in page.problems if "selfie_segmentation" not in text]
    assert others == []


def test_from_the_banks_file_to_the_balances(server, finance, balance, codes, shot):
    names = (FORMAL, PERSON, SHORT)
    before = {name: balance(name) for name in names}
    person = finance()
    page, client = person.page, person.client
    person.go("huolie_bank_import_menu", "银行对账单")
    page.locator(".o_list_button_add").click()
    client.upload("file", make_statement(codes))
    page.locator(".o_huolie_bank_preview .alert-danger").wait_for()
    person.say_columns()
    page.locator(".o_huolie_summary").filter(has_text="4").wait_for()
    gap = page.locator(".o_huolie_gaps").inner_text()
    assert "13,700.00" in gap and "13,750.00" in gap
    shot(page, "preview")
    client.press("action_import")
    client.row(codes[FORMAL]).wait_for()
    states = server.query(
        "SELECT state, coalesce(sure, false) FROM huolie_bank_line ORDER BY id"
    )
    sure, held, new = ("matched", True), ("matched", False), ("new", False)
    assert states == [sure, held, new, new]
    assert {name: balance(name) for name in names} == before
    shot(page, "imported")
    person.approve("action_approve_matched", "已核对营业执照，法定代表人付款", 2)
    assert balance(FORMAL) == before[FORMAL] + 2000
    assert balance(PERSON) == before[PERSON] + 1000
    assert balance(SHORT) == before[SHORT]
    # the one without a code: the transfer most alike stands first
    person.go("huolie_bank_line_menu", "银行流水")
    person.line_button("海川贸易", "action_open_pair")
    first = page.locator(".modal .o_data_row").first
    first.filter(has_text=SHORT).wait_for()
    shot(page, "pair")
    first.locator("button[name=action_pair]").click()
    person.closed()
    assert balance(SHORT) == before[SHORT]
    page.locator(".o_facet_remove").click()
    person.tick("海川贸易")
    person.approve("action_approve_matched", "简称，账号与往来一致", 1)
    assert balance(SHORT) == before[SHORT] + 700
    kept = server.query(
        "SELECT hold_note FROM huolie_recharge WHERE hold_note IS NOT NULL ORDER BY id"
    )
    assert len(kept) == 2
    clean(page)


def test_fapiao_with_its_file(server, finance, balance, mailbox, shot):
    before = balance(FORMAL)
    person = finance()
    page, client = person.page, person.client
    person.go("huolie_fapiao_menu", "开票申请")
    person.tick(FORMAL)
    client.press("action_open_issue")
    files = client.scope().locator("[name=file_ids] input[type=file]")
    name = f"{NUMBER}_{FORMAL}.pdf"
    files.set_input_files(
        {"name": name, "mimeType": "application/pdf", "buffer": b"%PDF-1.4 fapiao"}
    )
    page.locator(".modal .o_data_row").filter(has_text=NUMBER).wait_for()
    shot(page, "dialog")
    client.press("action_issue")
    person.closed()
    rows = server.query("SELECT state, number, amount FROM huolie_fapiao")
    assert [(state, number) for state, number, _amount in rows] == [
        ("delivered", NUMBER)
    ]
    mailbox.wait_for(f"chenguang.admin{DOMAIN}", NUMBER, timeout=60)
    assert balance(FORMAL) == before
    clean(page)


def test_refund_by_two_persons_and_the_books_agree(server, finance, balance, shot):
    before = balance(FORMAL)
    first = finance()
    page, client = first.page, first.client
    first.go("huolie_refund_menu", "退款与冲正")
    page.locator(".o_list_button_add").click()
    client.choose("enterprise_id", FORMAL)
    # the client asks the server about the enterprise: nobody types within that moment
    client.widget("balance").filter(has_text=f"{before:,.2f}").wait_for()
    client.fill(amount="500.5", reason="多付的款", payee_account="5719 0812 3410 301")
    client.save()
    # who asked is not offered to decide
    assert page.locator("button[name=action_approve]:visible").count() == 0
    shot(page, "asked")
    assert balance(FORMAL) == before
    second = finance(SECOND)
    second.go("huolie_refund_menu", "退款与冲正")
    second.open_row("多付的款")
    second.client.press("action_approve")
    second.client.button("action_settle").wait_for()
    assert balance(FORMAL) == before - 500.5
    second.client.press("action_settle")
    second.client.button("action_settle").wait_for(state="hidden")
    shot(second.page, "paid")
    assert balance(FORMAL) == before - 500.5
    assert server.query("SELECT state FROM huolie_refund") == [("done",)]
    second.go("huolie_books_check_menu", "账目核对")
    second.page.locator(".o_control_panel button.btn-primary:visible").first.click()
    second.page.locator(".o_form_view .alert-success:visible").wait_for()
    shot(second.page, "books")
    rows = server.query("SELECT different FROM huolie_books_check ORDER BY id DESC")
    assert rows[0] == (0,)
    clean(page)
    clean(second.page)
