"""Small words for Odoo's web client, as a person uses it: menus, fields, buttons."""

import contextlib
import re

from playwright.sync_api import TimeoutError

ERROR_DIALOG = ".modal:has(.modal-footer button:only-child)"
ERROR_NOTE = (
    ".o_notification:has(.o_notification_bar.bg-danger),"
    " .o_notification:has(.o_notification_bar.bg-warning)"
)
SCREEN = ".o_action_manager > *"


class Backend:
    """One person's browser window in the web client."""

    def __init__(self, page, url):
        self.page, self.url = page, url

    def log_in(self, login, password):
        """Log in on the product's own log-in page."""
        self.page.goto(f"{self.url}/huolie/login")
        self.page.fill("[name=login]", login)
        self.page.fill("[name=password]", password)
        self.page.click("button[type=submit]")
        self.page.locator(".o_main_navbar").wait_for(timeout=60_000)
        return self

    def menu(self, *xmlids):
        """Walk the menu: an entry of the bar, then entries of its drop-down."""
        first, *others = (
            name if "." in name else f"huolie_base.{name}" for name in xmlids
        )
        with self._moving():
            self.page.locator(f".o_menu_sections [data-menu-xmlid='{first}']").click()
            for name in others:
                entry = f".o-dropdown--menu [data-menu-xmlid='{name}']"
                self.page.locator(entry).click()

    def app(self, xmlid):
        """Choose an app (for people who have several)."""
        with self._moving():
            self.page.locator(".o_navbar_apps_menu button").click()
            self.page.locator(f".o_app[data-menu-xmlid='{xmlid}']").click()
        self.page.locator(
            ".o_menu_sections [data-menu-xmlid^='huolie_']"
        ).first.wait_for()

    @contextlib.contextmanager
    def _moving(self):
        """Wait until the screen has been replaced: a click must not hit the old one."""
        self.page.locator(SCREEN).first.wait_for()
        old = self.page.query_selector(SCREEN)
        yield
        self.page.wait_for_function("screen => !screen.isConnected", arg=old)
        self.page.locator(SCREEN).first.wait_for()

    def scope(self):
        """The dialog on top, or the page."""
        dialogs = self.page.locator(".modal:visible")
        return dialogs.last if dialogs.count() else self.page.locator("body")

    def widget(self, name):
        """The widget of a field on the form or dialog on top."""
        return self.scope().locator(f".o_field_widget[name='{name}']").first

    def box(self, name):
        """The input of a field."""
        return self.widget(name).locator("input:not([type=file]), textarea").first

    def fill(self, **values):
        """Type into fields; a change of focus tells the client."""
        for name, value in values.items():
            self.box(name).fill(value)
            self.box(name).press("Tab")

    def choose(self, name, text):
        """Pick a record of a many2one by its text."""
        self.box(name).click()
        self.box(name).fill(text)
        options = self.page.locator(".o-autocomplete--dropdown-menu li")
        options.filter(has_text=text).first.click()

    def upload(self, name, file):
        """Give a file to a binary field."""
        self.widget(name).locator("input[type=file]").set_input_files(file)

    def button(self, name):
        """The button of a method, or of an action, of the view on top."""
        return self.scope().locator(f"button[name='{name}']:visible").first

    def press(self, name):
        self.button(name).click()

    def save(self):
        """Save the form on top; a switch on it may just have saved it by itself."""
        with contextlib.suppress(TimeoutError):
            self.page.locator(".o_form_button_save:visible").click(timeout=3000)
        self.page.locator(".o_form_saved").first.wait_for(state="attached")

    def row(self, text):
        """A row of the list that holds a text."""
        return self.page.locator(".o_data_row").filter(has_text=text).first

    def complaint(self):
        """The text of the error that is shown: a dialog or a notification."""
        found = self.page.locator(f"{ERROR_DIALOG} .modal-body, {ERROR_NOTE}")
        found.last.wait_for()
        return found.last.inner_text()

    def settle_complaint(self):
        """Close the error, dialog or notification, and go on."""
        if self.page.locator(ERROR_DIALOG).count():
            self.dismiss()
            return
        note = self.page.locator(ERROR_NOTE).last
        note.locator(".o_notification_close").click()
        note.wait_for(state="hidden")

    def dismiss(self):
        """Close the error dialog on top; a dialog below it stays."""
        dialogs = self.page.locator(".modal:visible")
        count = dialogs.count()
        dialogs.last.locator(".modal-footer button").first.click()
        dialogs.nth(count - 1).wait_for(state="hidden")

    def number(self, selector):
        """The first number of an element, without its thousands' commas."""
        text = self.page.locator(selector).first.inner_text()
        return float(re.search(r"-?[\d,]+\.\d\d", text)[0].replace(",", ""))
