"""The page to pay at, as the payer sees it: every state, and the ways back (B1, B5).

The gateway is the simulator of the addon's tests, on loopback, with true signatures.
"""

import pytest
import requests

from tests.e2e.backend import Backend

FORMAL = "chenguang.admin@demo.huolie.example"
ENDING = "haichuan.admin@demo.huolie.example"


class Payer:
    """The admin of an enterprise at the screens of money."""

    def __init__(self, server, gateway, page, login):
        self.server, self.gateway, self.page = server, gateway, page
        self.client = Backend(page, server.url).log_in(login, server.password)

    def account(self):
        xmlid = "huolie_base.huolie_enterprise_account_menu"
        self.client.menu("menu_settings", xmlid)
        self.page.locator("[data-block=balance] dd").first.wait_for()

    def balance(self):
        self.account()
        return self.client.number("[data-block=balance] dd")

    def order(self, amount="500", way="wechat"):
        """Start an online payment; return its order number."""
        self.account()
        self.page.locator("[data-block=balance] button.btn-primary").click()
        self.client.widget("amount").wait_for()
        self.page.locator(f".modal input[data-value={way}]").check()
        self.client.fill(amount=amount)
        self.client.press("action_confirm")
        return self.shown_order()

    def shown_order(self):
        self.page.locator(".o_huolie_clock").wait_for()
        self.page.locator(".modal:visible").wait_for(state="hidden")
        return self.page.locator(".o_field_widget[name=code]:visible").inner_text()

    def pay(self, reference):
        """Pay at the gateway, which sends its notice."""
        self.gateway.pay(reference)
        self.tell(reference, *self.gateway.wechat_notice(reference))

    def tell(self, reference, headers, body):
        """Send a notice of the gateway about an order."""
        url = self.gateway.notify_url[reference]
        answer = requests.post(url, data=body, headers=headers, timeout=30)
        assert answer.status_code == 204

    def end_time(self, reference):
        self.server.query(
            "UPDATE huolie_recharge SET expires_at = now() AT TIME ZONE 'UTC'"
            " + interval '1 second' WHERE code = %s",
            reference,
        )

    def said(self, kind):
        """Wait for the alert of a state; return its text."""
        alert = self.page.locator(f".o_form_view .alert-{kind}:visible")
        alert.first.wait_for()
        return alert.first.inner_text()

    def picture(self):
        return self.page.locator(".o_huolie_qr")


@pytest.fixture
def payer(server, gateway, new_page):
    gateway.faults.clear()
    return lambda login=FORMAL, **size: Payer(server, gateway, new_page(**size), login)


def clean(page):
    others = [text for text in page.problems if "selfie_segmentation" not in text]
    assert others == []


def test_paid_without_reload(payer, shot):
    person = payer()
    page, before = person.page, person.balance()
    reference = person.order("1,234.56")
    assert "1,234.56" in page.locator(".o_huolie_pay").inner_text()
    assert person.picture().evaluate("image => image.naturalWidth") > 100
    shot(page, "qr")
    # in the middle of it: the same order, the same code
    page.reload()
    assert person.shown_order() == reference
    person.picture().wait_for()
    person.pay(reference)
    assert "1,234.56" in person.said("success")
    shot(page, "paid")
    assert round(person.balance() - before, 2) == 1234.56
    clean(page)


def test_every_order_closes_its_dialog(payer):
    """The page below the dialog must not keep it open (it once waited for ever)."""
    person = payer()
    for _time in range(3):
        person.order()
    clean(person.page)


def test_changed_my_mind_and_paid_all_the_same(payer, shot):
    person = payer()
    page, before = person.page, person.balance()
    reference = person.order("300")
    person.client.press("action_give_up")
    assert "300" not in person.said("info")
    assert not person.picture().count()
    shot(page, "cancelled")
    person.pay(reference)
    # it looks on, slowly, and shows the late payment by itself
    page.locator(".o_form_view .alert-success:visible").wait_for(timeout=25_000)
    assert round(person.balance() - before, 2) == 300
    clean(page)


def test_expired_code(payer, gateway, shot):
    person = payer()
    page = person.page
    reference = person.order("321.09")
    gateway.faults["query"] = 500
    person.end_time(reference)
    page.locator(".o_huolie_over").wait_for()
    assert not person.picture().count()
    answer = page.locator(".o_huolie_pay_answer")
    answer.filter(has_text="不会丢失").wait_for()
    shot(page, "over-no-answer")
    gateway.faults.clear()
    page.locator(".o_huolie_pay_check").click()
    person.said("warning")
    assert not person.picture().count()
    assert gateway.orders[reference]["state"] == "CLOSED"
    shot(page, "expired")
    person.client.press("action_again")
    page.locator(".modal .o_field_widget[name=amount]").wait_for()
    assert person.client.box("amount").input_value() == "321.09"
    person.client.press("action_confirm")
    page.locator(".o_huolie_qr").wait_for()
    assert person.shown_order() != reference
    clean(page)


def test_alipay_out_and_back(payer, gateway, shot):
    person = payer()
    page = person.page
    reference = person.order("450", "alipay")
    with page.context.expect_page() as opened:
        page.locator(".o_huolie_pay_link").click()
    cashier = opened.value
    assert cashier.inner_text("h1") == "450.00"
    gateway.pay(reference)
    cashier.click("#back")
    cashier.locator(".o_huolie_pay_check").wait_for()
    # no notice came: the button asks Alipay itself
    cashier.locator(".o_huolie_pay_check").click()
    cashier.locator(".o_form_view .alert-success:visible").wait_for()
    shot(cashier, "alipay-back")
    # the first tab sees it by itself
    assert "450.00" in person.said("success")
    clean(page)


def test_gateway_down_keeps_what_was_typed(payer, gateway, shot):
    person = payer()
    gateway.faults["create"] = 500
    person.account()
    person.page.locator("[data-block=balance] button.btn-primary").click()
    person.client.fill(amount="777")
    person.client.press("action_confirm")
    assert "对公转账" in person.client.complaint()
    shot(person.page, "gateway-down")
    person.client.settle_complaint()
    assert person.client.box("amount").input_value() == "777"


def test_missing_money_leads_to_recharge_and_back(payer, shot):
    person = payer(ENDING)
    page = person.page
    person.account()
    page.locator("[data-block=service] button.btn-primary").click()
    page.locator(".modal input[data-value='3']").check()
    last = page.locator(".modal .o-checkbox input[type=checkbox]").last
    last.uncheck()
    page.locator(".o_huolie_total").filter(has_text="1,194.00").wait_for()
    missing = person.client.number(".modal .o_huolie_missing")
    shot(page, "missing")
    person.client.press("action_recharge")
    page.locator(".modal .o_field_widget[name=method]").wait_for()
    assert float(person.client.box("amount").input_value()) == missing
    person.client.press("action_confirm")
    person.pay(person.shown_order())
    person.client.button("action_resume").click()
    page.locator(".o_huolie_total").filter(has_text="1,194.00").wait_for()
    person.client.press("action_confirm")
    page.locator(".modal:visible").wait_for(state="hidden")
    # bought: it is not offered again
    person.client.button("action_resume").wait_for(state="hidden")
    assert person.balance() == 0
    shot(page, "bought")
    clean(page)


def test_by_keyboard_alone(payer):
    """Recharge without a mouse: from the amount to the payment and its end."""
    person = payer()
    page = person.page
    person.account()
    page.locator("[data-block=balance] button.btn-primary").focus()
    page.keyboard.press("Enter")
    person.client.box("amount").wait_for()
    page.wait_for_function("document.activeElement.closest('.modal .o_field_widget')")
    reach(page, "[name=amount] input")
    page.keyboard.type("600")
    reach(page, "button[name=action_confirm]")
    page.keyboard.press("Enter")
    reference = person.shown_order()
    reach(page, ".o_huolie_pay_check")
    person.gateway.pay(reference)
    page.keyboard.press("Enter")
    assert "600.00" in person.said("success")


def reach(page, selector, most=60):
    """Press Tab until the focus is there."""
    for _time in range(most):
        if page.evaluate("s => !!document.activeElement?.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by Tab")
