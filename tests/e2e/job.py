"""The main job of the product (PRODUCT.md, issue "from end to end"), step by step.

Every step acts as a person does, through the screens, the mailbox and a website of
another origin, and leaves a screenshot. The order matters: each builds on the last.
"""

import time

from . import credit_code, licence
from .backend import Backend

PASSWORD = "Chunfeng2026"
OPERATOR = "@demo.huolie.example"


class MainJob:
    """One enterprise from its registration to its second visitor.

    :param server: has ``url`` and ``password`` (of the demo log-ins)
    :param mailbox: has ``wait_for(to, subject)``
    :param site: the foreign website, has ``url``
    :param new_page: function that opens a page in a context of its own
    :param shot: function ``shot(page, name)``
    """

    def __init__(self, server, mailbox, site, new_page, shot, folder):
        self.server, self.mailbox, self.site = server, mailbox, site
        self.new_page, self.shot = new_page, shot
        self.files = licence.write_all(folder)
        tail = f"{int(time.time()) % 10**7:07d}"
        self.company = f"春风茶叶{tail}有限公司"
        self.email = f"admin{tail}@chunfeng.example"
        self.agent_email = f"agent{tail}@chunfeng.example"
        self.phone = f"1380{tail}"
        self.code = credit_code.make(tail)

    # === 1. REGISTRATION === #
    def register(self):
        page = self.new_page()
        page.goto(f"{self.server.url}/huolie/register")
        self.shot(page, "1-register")
        fields = {
            "name": self.company,
            "contact": "林春风",
            "email": self.email,
            "phone": self.phone,
            "password": PASSWORD,
        }
        for name, value in fields.items():
            page.fill(f"[name={name}]", value)
        page.check("[name=terms]")
        page.click("button[type=submit]")
        page.locator("[data-after]").first.wait_for()
        link = self._link_of(self.email, "/huolie/register/confirm")
        page.goto(link)
        page.fill("[name=password]", PASSWORD)
        page.click("button[type=submit]")
        page.locator(".o_huolie_step").first.wait_for(timeout=60_000)
        self.admin = Backend(page, self.server.url)
        self.shot(page, "1-home")

    def _link_of(self, address, path):
        mail = self.mailbox.wait_for(address)
        return next(link for link in mail["links"] if path in link)

    def enterprise_id(self):
        """The 企业ID shown on the home page."""
        return self.admin.page.inner_text(".o_huolie_page h1 ~ .text-muted b")

    def apps(self):
        """Names of the apps that the admin sees."""
        return [
            menu.get_attribute("data-menu-xmlid")
            for menu in self.admin.page.locator(".o_app").all()
        ]

    # === 2. VERIFICATION === #
    def open_account(self):
        self.admin.menu("menu_settings", "huolie_base.huolie_enterprise_account_menu")
        self.admin.page.locator(".o_huolie_verify").wait_for()

    def open_verification(self):
        self.open_account()
        self.admin.page.click(".o_huolie_verify")
        self.admin.widget("credit_code").wait_for()

    def submit_verification(self):
        self.admin.fill(
            legal_name=self.company, credit_code=self.code, legal_person="林春风"
        )
        self.admin.upload("licence_upload", self.files["good"])
        self.admin.press("action_submit")
        self.admin.page.locator(
            "button[name=action_withdraw]:visible"
        ).wait_for()
        self.shot(self.admin.page, "2-submitted")

    def approve_verification(self):
        page = self.new_page()
        reviewer = Backend(page, self.server.url)
        reviewer.log_in(f"reviewer{OPERATOR}", self.server.password)
        reviewer.app("huolie_base.menu_operator_root")
        reviewer.menu("huolie_verification_menu")
        reviewer.row(self.company).click()
        reviewer.button("action_approve").wait_for()
        self.shot(page, "2-review")
        reviewer.press("action_approve")
        reviewer.button("action_approve").wait_for(state="hidden")
        self.shot(page, "2-approved")
        page.context.close()

    # === 3. RECHARGE === #
    def open_recharge(self):
        self.open_account()
        self.admin.page.locator("[data-block=balance] button.btn-primary").click()
        self.admin.widget("amount").wait_for()

    def file_transfer(self, amount="1000.00"):
        self.admin.fill(amount=amount, payer_name=self.company)
        self.admin.upload("slip", self.files["slip"])
        self.shot(self.admin.page, "3-transfer")
        self.admin.press("action_confirm")
        self.admin.page.locator(".modal:visible").wait_for(state="hidden")
        self.shot(self.admin.page, "3-filed")

    def approve_transfer(self):
        page = self.new_page()
        finance = Backend(page, self.server.url)
        finance.log_in(f"finance{OPERATOR}", self.server.password)
        finance.app("huolie_base.menu_operator_root")
        finance.menu("huolie_billing.huolie_recharge_menu_review")
        finance.row(self.company).click()
        finance.button("action_approve").wait_for()
        self.shot(page, "3-finance")
        finance.press("action_approve")
        finance.button("action_approve").wait_for(state="hidden")
        self.shot(page, "3-approved")
        page.context.close()

    def balance(self):
        """The balance as 账户管理 shows it (yuan)."""
        self.open_account()
        self.admin.page.locator("[data-block=balance] dd").first.wait_for()
        return self.admin.number("[data-block=balance] dd")
