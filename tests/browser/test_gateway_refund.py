"""Money back the way it came, at the screens of three people (B1, B8).

The gateway is the simulator of the addon's tests, on loopback, with true signatures.
"""

import pytest

from tests.browser.test_finance import FINANCE, FORMAL, SECOND, Finance, clean
from tests.browser.test_recharge_page import FORMAL as ADMIN
from tests.browser.test_recharge_page import Payer

MENU = "huolie_refund_menu", "退款与冲正"


class Case:
    """A payer who paid 500 online, and two persons of finance."""

    def __init__(self, server, gateway, new_page):
        self.server, self.gateway = server, gateway
        gateway.faults.clear()
        self.payer = Payer(server, gateway, new_page(), ADMIN)
        self.before = self.payer.balance()
        self.reference = self.payer.order("500")
        self.payer.pay(self.reference)
        self.payer.said("success")
        self.first = Finance(server, new_page(), FINANCE)
        self.second = Finance(server, new_page(), SECOND)

    def ask(self, amount, reason):
        """Ask, as the first person, for a part of it to be paid back."""
        self.first.go(*MENU)
        page, client = self.first.page, self.first.client
        page.locator(".o_list_button_add").click()
        client.choose("enterprise_id", FORMAL)
        client.widget("balance").filter(has_text=".").wait_for()
        client.choose("recharge_id", self.reference)
        # all that is left of it is proposed
        page.wait_for_function(
            "document.querySelector('[name=amount] input')?.value === '500.00'"
        )
        client.fill(amount=amount, reason=reason)
        client.save()

    def approve(self, reason):
        """Approve as the second person."""
        self.second.go(*MENU)
        self.second.open_row(reason)
        self.second.client.press("action_approve")
        self.second.client.button("action_gateway").wait_for()

    def send(self):
        """Press the button that pays it back; wait until it is on its way."""
        self.second.client.press("action_gateway")
        self.reached("sent")

    def reached(self, state):
        place = f".o_arrow_button_current[data-value={state}]"
        self.second.page.locator(place).wait_for()

    def pay_back(self):
        """The payer has it: the gateway tells, finance looks again."""
        number = next(
            number
            for number, refund in self.gateway.refunds.items()
            if refund["reference"] == self.reference
        )
        self.gateway.refunds[number]["status"] = "SUCCESS"
        notice = self.gateway.wechat_refund_notice(number)
        self.payer.tell(self.reference, *notice)
        self.second.page.reload()
        self.reached("done")

    def moved(self):
        """How much the balance changed since the beginning."""
        return round(self.payer.balance() - self.before, 2)

    def buttons(self):
        """The buttons that the second person can press."""
        found = self.second.page.locator(".o_statusbar_buttons button:visible")
        return {button.get_attribute("name") for button in found.all()}

    def clean(self):
        for person in (self.payer, self.first, self.second):
            clean(person.page)


@pytest.fixture
def case(server, gateway, new_page):
    return Case(server, gateway, new_page)


def test_on_its_way_and_paid_back(case, gateway, shot):
    case.ask("200", "少用一个月")
    shot(case.first.page, "asked")
    case.approve("少用一个月")
    assert case.moved() == 300
    case.send()
    case.second.page.locator(".o_form_view .alert-info:visible").wait_for()
    shot(case.second.page, "on-its-way")
    # on hold, and nobody can pay it out another way meanwhile
    assert not case.buttons() & {"action_settle", "action_release", "action_gateway"}
    assert gateway.paid_back(case.reference) == 0
    case.pay_back()
    shot(case.second.page, "paid-back")
    assert gateway.paid_back(case.reference) == 20000
    assert case.moved() == 300
    case.clean()


def test_refused_comes_back_with_what_to_do(case, gateway, shot):
    case.ask("120", "重复付款")
    case.approve("重复付款")
    gateway.faults["refund"] = "refuse"
    case.second.client.press("action_gateway")
    warning = case.second.page.locator(".o_form_view .alert-warning:visible")
    warning.filter(has_text="NOT_ENOUGH").wait_for()
    shot(case.second.page, "refused")
    gateway.faults.clear()
    case.send()
    case.pay_back()
    assert gateway.paid_back(case.reference) == 12000
    assert case.moved() == 380
    case.clean()
