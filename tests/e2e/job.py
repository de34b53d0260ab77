"""The main job of the product (PRODUCT.md, issue "from end to end"), step by step.

Every step acts as a person does, through the screens, the mailbox and a website of
another origin, and leaves a screenshot. The order matters: each builds on the last.
"""

import re
import time

from . import credit_code, licence
from .backend import Backend

PASSWORD = "Chunfeng2026"
OPERATOR = "@demo.huolie.example"
# what the form says of the files that are none
FILE_FAULTS = {"huge": "10 MB", "exe": "JPG"}


class MainJob:
    """One enterprise from its registration to its second visitor.

    :param server: has ``url`` and ``password`` (of the demo log-ins)
    :param mailbox: has ``wait_for(to, subject)``
    :param site: the foreign website, has ``url``
    :param new_page: function that opens a page in a context of its own
    :param shot: function ``shot(page, name)``
    """

    file_faults = FILE_FAULTS

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

    def enterprise_id_of_account(self):
        """The 企业ID shown in 账户管理."""
        self.open_account()
        return self.admin.page.inner_text(".o_huolie_code")

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
        self.admin.page.locator("button[name=action_withdraw]:visible").wait_for()
        self.shot(self.admin.page, "2-submitted")

    def approve_verification(self):
        menu = "huolie_base.huolie_verification_menu"
        self._approve("reviewer", menu, "2-review", "2-approved")

    def _approve(self, who, menu, before, after):
        """Let somebody of the operator approve what the enterprise filed."""
        page = self.new_page()
        officer = Backend(page, self.server.url)
        officer.log_in(f"{who}{OPERATOR}", self.server.password)
        officer.app("huolie_base.menu_operator_root")
        officer.menu(menu)
        officer.row(self.company).click()
        officer.button("action_approve").wait_for()
        self.shot(page, before)
        officer.press("action_approve")
        officer.button("action_approve").wait_for(state="hidden")
        self.shot(page, after)
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
        menu = "huolie_billing.huolie_recharge_menu_review"
        self._approve("finance", menu, "3-finance", "3-approved")

    def balance(self):
        """The balance as 账户管理 shows it (yuan)."""
        self.open_account()
        self.admin.page.locator("[data-block=balance] dd").first.wait_for()
        return self.admin.number("[data-block=balance] dd")

    # === 4. SEAT AND SERVICE === #
    def open_seats(self):
        self.admin.menu("menu_settings", "huolie_base.huolie_seat_menu")
        self.admin.page.locator(".o_list_view").wait_for()

    def add_seat(self):
        """Add one seat by [添加工号]; keep the invitation link it shows."""
        page = self.admin.page
        self.open_seats()
        page.locator(".o_list_buttons button, .o_control_panel button").filter(
            has_text=re.compile(r"^\s*(添加工号|Add seats)\s*$")
        ).first.click()
        self.admin.box("people").fill(f"小周, {self.agent_email}")
        self.admin.press("action_add")
        shown = page.locator(".o_huolie_links input")
        shown.wait_for()
        self.invitation = shown.input_value()
        self.shot(page, "4-invitation")
        page.locator(".modal .btn-close").click()
        page.locator(".modal:visible").wait_for(state="hidden")

    def accept_invitation(self, company=None):
        page = self.new_page()
        page.goto(self.invitation)
        inviting = page.locator("[data-fill=enterprise]")
        inviting.filter(has_text=company or self.company).wait_for()
        self.shot(page, "4-invited")
        page.fill("[name=password]", PASSWORD)
        page.click("button[type=submit]")
        page.locator(".o_main_navbar").wait_for(timeout=60_000)
        self.agent = Backend(page, self.server.url)

    def activate_seat(self):
        self.open_seats()
        self.admin.row("小周").locator("button[name=action_activate]").click()
        self.admin.row("小周").locator("button[name=action_activate]").wait_for(
            state="hidden"
        )
        self.shot(self.admin.page, "4-activated")

    def open_service(self):
        """Buy a month for the new seat and the robot; return the price shown."""
        page = self.admin.page
        self.open_account()
        page.locator("[data-block=service] button.btn-primary").first.click()
        page.locator(".o_field_widget[name=preview]").wait_for()
        seat = page.locator(".modal .o_field_widget[name=seat_ids] .o-checkbox")
        seat = seat.filter(has_text="小周")
        if not seat.locator("input").is_checked():
            seat.locator("input").check()
        robot = self.admin.widget("with_robot").locator("input")
        if not robot.is_checked():
            robot.check()
        page.locator(".o_huolie_total").wait_for()
        page.wait_for_timeout(500)
        self.shot(page, "4-price")
        price = self.admin.number(".modal .o_huolie_total")
        self.admin.press("action_confirm")
        page.locator(".modal:visible").wait_for(state="hidden")
        self.shot(page, "4-opened")
        return price

    def notices(self):
        """The texts behind the bell."""
        page = self.admin.page
        page.locator(".huolie_notice_bell").click()
        page.locator(".huolie_notice_row").first.wait_for()
        text = page.locator(".huolie_notice_menu").inner_text()
        self.shot(page, "4-bell")
        page.keyboard.press("Escape")
        return text

    def use_seat_of(self, server, name):
        """Go on as the admin of an enterprise of the demo data."""
        self.admin = Backend(self.new_page(), server.url)
        self.admin.log_in(f"{name}.admin{OPERATOR}", server.password)

    # === 5. THE VISITOR AND THE ROBOT === #
    def write_questions(self):
        """Fill the knowledge base as an admin does."""
        first = ("多久发货？", "付款后 24 小时内发货，顺丰包邮。", "", True)
        second = (
            "怎样退换货？",
            "七天无理由退货，联系客服登记即可。",
            "退货,换货",
            False,
        )
        for question, answer, keywords, hot in (first, second):
            self._write_question(question, answer, keywords, hot)
        self.shot(self.admin.page, "5-questions")

    def _write_question(self, question, answer, keywords, hot):
        page = self.admin.page
        self.admin.menu("menu_settings", "huolie_robot.huolie_faq_menu")
        page.locator(".o_list_button_add").click()
        self.admin.box("name").fill(question)
        page.locator(".o_field_widget[name=answer] .odoo-editor-editable").fill(answer)
        if hot:
            self.admin.widget("is_hot").locator("input").check()
        if keywords:
            page.locator(".o_notebook .nav-link[name=finding]").click()
            self.admin.fill(keywords=keywords)
        self.admin.save()

    def copy_snippet(self):
        """Copy the code from 插入代码 and paste it into the foreign website."""
        page = self.admin.page
        self.admin.menu("menu_settings", "huolie_widget.huolie_site_style_menu")
        page.locator(".o_data_row").first.click()
        code = page.locator(".o_field_text[name=snippet]")
        code.wait_for()
        page.locator("iframe").first.wait_for()
        self.shot(page, "5-code")
        snippet = re.search(r"<script.*</script>", code.inner_text(), re.S)[0]
        foreign = self.new_page()
        foreign.goto(f"{self.site.url}edit")
        foreign.get_by_label("snippet").fill(snippet)
        foreign.get_by_role("button", name="保存").click()
        foreign.wait_for_load_state()
        foreign.context.close()

    def visit(self, page_name=""):
        """A new visitor opens the foreign website and the window."""
        page = self.new_page(width=1280, height=800)
        page.goto(f"{self.site.url}{page_name}")
        page.locator("[part=button]").click()
        page.locator("[part=window]").wait_for()
        return page

    def ask_robot(self):
        page = self.visitor = self.visit()
        page.locator(".h-items button").filter(has_text="多久发货").click()
        self.seen(page, "24 小时内发货")
        self.shot(page, "5-robot-pick")
        self.say(page, "东西不合适能换货吗")
        self.seen(page, "七天无理由退货")
        self.shot(page, "5-robot-keyword")

    def seen(self, page, text, timeout=10_000):
        """Wait until the window shows a text; return the seconds it took."""
        start = time.monotonic()
        found = page.locator(".h-log").get_by_text(text)
        found.last.wait_for(timeout=timeout)
        return time.monotonic() - start

    def say(self, page, text):
        page.locator(".h-write textarea").fill(text)
        page.locator(".h-write textarea").press("Enter")

    # === 6. THE AGENT === #
    def go_online(self):
        page = self.agent.page
        self.agent.menu("huolie_chat.huolie_console_menu")
        page.locator(".o_hl_go_online:visible").first.click()
        page.locator(".o_hl_status[data-status=online]").wait_for()
        self.shot(page, "6-online")

    def ask_human(self):
        self.visitor.locator(".h-human").click()
        alerted = self.agent.page.locator(".o_hl_conv.o_hl_new, .o_hl_conv.active")
        alerted.first.wait_for()
        self.shot(self.agent.page, "6-alert")

    def talk(self):
        """Both write; return the seconds that each message took to the other end."""
        agent, visitor = self.agent.page, self.visitor
        agent.locator(".o_hl_conv").first.click()
        box = agent.locator(".o_hl_composer textarea")
        box.fill("您好，我是小周，请问有什么可以帮您？")
        box.press("Enter")
        there = self.seen(visitor, "我是小周")
        self.say(visitor, "我想换一盒龙井")
        start = time.monotonic()
        agent.locator(".o_hl_body").get_by_text("我想换一盒龙井").last.wait_for()
        back = time.monotonic() - start
        self.shot(agent, "6-console")
        self.shot(visitor, "6-visitor")
        return there, back

    def reload(self):
        """The visitor reloads the page: the history is there."""
        page = self.visitor
        page.reload()
        page.locator("[part=button]").click()
        for text in ("24 小时内发货", "我是小周", "我想换一盒龙井"):
            self.seen(page, text)
        self.shot(page, "6-reloaded")

    # === 7. NOBODY THERE === #
    def go_offline(self):
        page = self.agent.page
        page.locator(".o_hl_status").click()
        page.locator(".o_hl_status_choice[data-status=offline]").click()
        page.locator(".o_hl_status[data-status=offline]").wait_for()

    def leave_message(self, text):
        """A second visitor asks for a person, gets the form and leaves a message."""
        page = self.visit("contact")
        page.locator(".h-human").click()
        form = page.locator(".h-page form")
        form.wait_for()
        self.shot(page, "7-form")
        form.locator("button").last.click()
        form.locator(".h-err").filter(has_text=re.compile(r"\S")).first.wait_for()
        self.shot(page, "7-form-empty")
        self._fill_form(form, text)
        form.locator("button").last.click()
        page.locator(".h-page [role=status]").wait_for()
        self.shot(page, "7-left")

    def _fill_form(self, form, text):
        values = {"email": "gu@example.com", "tel": "13912345678"}
        for box in form.locator("input:visible").all():
            if box.get_attribute("type") != "checkbox":
                box.fill(values.get(box.get_attribute("type"), "顾先生"))
        form.locator("textarea").fill(text)

    def find_lead(self, text):
        """The message is in the public lead pool."""
        page = self.admin.page
        self.admin.menu(
            "huolie_chat.huolie_customer_root_menu", "huolie_chat.huolie_lead_pool_menu"
        )
        card = page.locator(".o_data_row, .o_kanban_record").filter(has_text="顾先生")
        card.first.wait_for()
        self.shot(page, "7-pool")
        card.first.click()
        self.admin.widget("body").wait_for()
        self.shot(page, "7-lead")
        body = self.admin.widget("body")
        box = body.locator("textarea")
        found = box.input_value() if box.count() else body.inner_text()
        assert text in found, found
