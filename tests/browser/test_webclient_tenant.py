"""The stock web client for people without any of the ERP's user types.

Walks what WEBCLIENT of the design lists: every screen and view, export, import, upload,
chatter, notices, preferences, language, password, two-factor, and what must stay shut.
No error dialog, no failing request, no console error.
"""

import base64
import hashlib
import hmac
import json
import struct
import time

import pytest

from tests.e2e.backend import Backend

ADMIN = "chenguang.admin@demo.huolie.example"
AGENT = "chenguang.agent1@demo.huolie.example"
OTHER = "yunfan.admin@demo.huolie.example"
# Debian's package of Odoo lacks this file; it has nothing to do with us.
KNOWN = ("selfie_segmentation",)


class Watched:
    """A page whose failing requests, also inside JSON-RPC, are remembered."""

    def __init__(self, page):
        self.page = page
        self.rpc_errors = []
        page.on("response", self._look)

    def _look(self, response):
        if response.request.method != "POST" or response.status != 200:
            return
        if "json" not in (response.headers.get("content-type") or ""):
            return
        try:
            answer = response.json()
        except Exception:
            return  # the page went elsewhere in the meantime
        if isinstance(answer, dict) and answer.get("error"):
            sent = (response.request.post_data or "")[:200]
            text = json.dumps(answer["error"], ensure_ascii=False)[:400]
            self.rpc_errors.append(f"{response.url} {sent} -> {text}")

    def problems(self):
        """What went wrong since the last call."""
        found = [*self.page.problems, *self.rpc_errors]
        self.page.problems.clear()
        self.rpc_errors.clear()
        if self.page.locator(".o_error_dialog").count():
            found.append(self.page.locator(".o_error_dialog").inner_text())
        return [text for text in found if not any(k in text for k in KNOWN)]

    def check(self):
        self.page.wait_for_timeout(400)
        assert self.problems() == []


@pytest.fixture(scope="module", autouse=True)
def english(server):
    """The people of the demo data read Chinese; the walk reads English."""
    server.query(
        "UPDATE res_partner SET lang = 'en_US' WHERE id IN (SELECT partner_id"
        " FROM res_users WHERE login LIKE '%demo.huolie.example')"
    )


@pytest.fixture
def person(server, new_page):
    """`person(login)`: a logged-in web client, and its watch."""

    def log_in(login, **options):
        page = new_page(locale="en-US", **options)
        watched = Watched(page)
        page.goto(f"{server.url}/web/login")
        page.fill("[name=login]", login)
        page.fill("[name=password]", server.password)
        page.click("button[type=submit]")
        page.locator(".o_main_navbar").wait_for(timeout=60_000)
        backend = Backend(page, server.url)
        backend.watched = watched
        return backend

    return log_in


def open_action(backend, xmlid):
    backend.page.goto(f"{backend.url}/odoo/action-{xmlid}")
    backend.page.locator(".o_action_manager .o_view_controller").first.wait_for()


def menu_actions(page):
    """The actions of all menus of this person: `{id: name}`."""
    menus = page.evaluate(
        "fetch('/web/webclient/load_menus').then((answer) => answer.json())"
    )
    return {
        menu["actionID"]: menu["name"]
        for key, menu in menus.items()
        if key != "root" and menu.get("actionID")
    }


# === EVERY SCREEN === #


@pytest.mark.parametrize("login", [ADMIN, AGENT, OTHER])
def test_every_screen_and_view_opens(person, shot, login):
    backend = person(login)
    page, failed = backend.page, []
    actions = menu_actions(page)
    assert actions
    for action, name in actions.items():
        failed += _walk(backend, action, name)
        shot(page, f"{action}")
    assert failed == []


def _walk(backend, action, name):
    page = backend.page
    page.goto(f"{backend.url}/odoo/action-{action}")
    shown = page.locator(".o_action_manager > *, .modal .o_form_view")
    shown.first.wait_for()
    page.wait_for_timeout(700)
    views = page.locator(".o_switch_view:visible").count()
    for number in range(views):
        page.locator(".o_switch_view:visible").nth(number).click()
        page.wait_for_timeout(500)
    found = backend.watched.problems()
    new = page.locator(
        ".o_list_button_add:visible:enabled, .o-kanban-button-new:visible:enabled,"
        " .o_form_button_create:visible:enabled"
    )
    if new.count() and not page.locator(".modal:visible").count():
        new.first.click()
        page.wait_for_timeout(700)
        found += backend.watched.problems()
    return [f"{name}: {text}" for text in found]


def test_only_our_menus_and_our_corner_of_the_bar(person):
    backend = person(ADMIN)
    page = backend.page
    apps = page.evaluate(
        "fetch('/web/webclient/load_menus').then((answer) => answer.json())"
    )
    assert {menu["xmlid"].split(".")[0] for menu in apps.values() if menu["xmlid"]} <= {
        "huolie_base",
        "huolie_chat",
        "huolie_widget",
        "huolie_robot",
        "huolie_billing",
    }
    assert page.locator(".huolie_notice_bell").count() == 1
    for foreign in (".o-mail-DiscussSystray-class", ".o_switch_company_menu"):
        assert page.locator(foreign).count() == 0
    page.locator(".o_user_menu button").click()
    page.locator("[data-menu=preferences]").wait_for()
    for entry in ("support", "account", "install_pwa"):
        assert page.locator(f"[data-menu={entry}]").count() == 0
    backend.watched.check()


# === LISTS: SEARCH, FAVOURITES, GROUPS, IMPORT, EXPORT === #


def test_customers_new_search_group_favourite_export_import(person, shot, tmp_path):
    backend = person(ADMIN)
    page = backend.page
    open_action(backend, "huolie_chat.res_partner_action")
    page.locator(".o_list_button_add, .o-kanban-button-new").first.click()
    backend.fill(name="Walk Customer")
    backend.save()
    shot(page, "customer")
    backend.watched.check()
    open_action(backend, "huolie_chat.res_partner_action")
    _show_list(page)
    _search(page, "Walk")
    page.locator(".o_data_row", has_text="Walk Customer").wait_for()
    _save_favourite(page, "Walkers")
    backend.watched.check()
    _import(backend, tmp_path)
    shot(page, "imported")
    backend.watched.check()
    open_action(backend, "huolie_chat.res_partner_action")
    _show_list(page)
    _export(page, "Imported")
    backend.watched.check()


def _show_list(page):
    switch = page.locator(".o_switch_view.o_list:visible")
    if switch.count():
        switch.click()
    page.locator(".o_list_view").wait_for()


def _search(page, text):
    page.locator(".o_searchview_input").fill(text)
    # Enter chooses the first proposal: it must be there
    page.locator(".o_searchview_autocomplete").get_by_text(text).first.wait_for()
    page.keyboard.press("Enter")
    page.locator(".o_facet_value", has_text=text).wait_for()


def _save_favourite(page, name):
    page.locator(".o_searchview_dropdown_toggler").click()
    page.locator(".o_add_favorite").click()
    page.locator(".o_favorite_menu input[type=text]").fill(name)
    page.locator(".o_favorite_menu .o_save_favorite").click()
    page.locator(".o_facet_value", has_text=name).wait_for()
    page.keyboard.press("Escape")


def _import(backend, tmp_path):
    page = backend.page
    file = tmp_path / "customers.csv"
    rows = ("Name,Email", "Imported One,one@i.example", "Imported Two,two@i.example")
    file.write_text("\n".join(rows) + "\n")
    page.locator(".o_cp_action_menus button").first.click()
    page.locator(".o_import_menu").click()
    page.locator(".o_import_action").wait_for()
    page.locator("input[type=file]").first.set_input_files(str(file))
    page.locator(".o_import_data_content").wait_for()
    page.get_by_role("button", name="Test", exact=True).click()
    page.locator(".alert-info", has_text="Everything seems valid").wait_for()
    page.get_by_role("button", name="Import", exact=True).click()
    page.locator(".o_data_row", has_text="Imported Two").wait_for()


def _export(page, text):
    _search(page, text)
    page.locator(".o_data_row", has_text="Imported Two").wait_for()
    page.locator("thead .o_list_record_selector input").check()
    page.locator(".o_cp_action_menus button").first.click()
    page.locator(".o-dropdown--menu", has_text="Export").get_by_text("Export").click()
    page.locator(".o_export_data_dialog").wait_for()
    with page.expect_download() as download:
        page.locator(".modal .o_select_button").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    page.keyboard.press("Escape")


def test_pivot_and_graph_of_leads(person):
    backend = person(ADMIN)
    page = backend.page
    open_action(backend, "huolie_chat.huolie_conversation_report_action")
    for view in ("graph", "pivot", "list"):
        switch = page.locator(f".o_switch_view.o_{view}:visible")
        if switch.count():
            switch.click()
            page.locator(f".o_{view}_view").wait_for()
    pivot = page.locator(".o_switch_view.o_pivot:visible")
    if pivot.count():
        pivot.click()
        download_button = page.locator(".o_pivot_download")
        if download_button.is_enabled():
            with page.expect_download():
                download_button.click()
    backend.watched.check()


# === CHATTER, UPLOADS === #


def test_note_and_file_in_the_chatter(person, shot):
    backend = person(ADMIN)
    page = backend.page
    open_action(backend, "huolie_base.huolie_seat_action")
    page.locator(".o_data_row .o_data_cell").first.click()
    page.locator(".o-mail-Chatter").wait_for()
    assert page.locator(".o-mail-Chatter-sendMessage").count() == 0
    assert page.locator(".o-mail-Followers").count() == 0
    page.locator(".o-mail-Chatter-logNote").click()
    page.locator(".o-mail-Composer-input").fill("Prefers mornings")
    page.locator(".o-mail-Composer input[type=file]").first.set_input_files(
        {"name": "rota.txt", "mimeType": "text/plain", "buffer": b"mornings"}
    )
    page.locator(".o-mail-AttachmentContainer:not(.o-isUploading)").first.wait_for()
    page.locator(".o-mail-Composer-send").first.click()
    page.locator(".o-mail-Message", has_text="Prefers mornings").wait_for()
    shot(page, "chatter")
    backend.watched.check()


# === NOTICES === #


def test_bell_rings_for_its_receiver_alone(person, server, shot):
    # the demo data told of a recharge
    server.query("UPDATE huolie_notice SET is_read = true")
    backend, other = person(ADMIN), person(OTHER)
    note_to_self(server, ADMIN)
    page = backend.page
    page.locator(".huolie_notice_count").wait_for()
    page.locator(".huolie_notice_bell").click()
    page.locator(".huolie_notice_row").first.wait_for()
    shot(page, "bell")
    page.locator(".huolie_notice_row").first.click()
    page.locator(".o_list_view").wait_for()
    page.locator(".huolie_notice_count").wait_for(state="detached")
    backend.watched.check()
    assert other.page.locator(".o_notification", has_text="Kick-off").count() == 0


def note_to_self(server, login):
    """What any addon does: one notice to the admins of an enterprise."""
    rows = server.query("SELECT id FROM res_users WHERE login = %s", login)
    partner = server.query(
        "SELECT partner_id FROM res_users WHERE id = %s", rows[0][0]
    )[0][0]
    server.query(
        "INSERT INTO huolie_notice (user_id, kind, subject, body, create_date)"
        " VALUES (%s, 'info', 'Kick-off', 'At nine', now() AT TIME ZONE 'UTC')",
        rows[0][0],
    )
    server.query(
        "INSERT INTO bus_bus (channel, message, create_date)"
        " VALUES (%s, %s, now() AT TIME ZONE 'UTC')",
        json.dumps([server.db, "res.partner", partner], separators=(",", ":")),
        json.dumps(
            {
                "type": "huolie.notice",
                "payload": {"unread": 1, "subject": "Kick-off", "body": "At nine"},
            }
        ),
    )
    channel = json.dumps([[server.db, "res.partner", partner]])
    # Odoo's bus listens on the database "postgres", whatever the ERP's is called
    own, server.db = server.db, "postgres"
    try:
        server.query("SELECT pg_notify('imbus', %s)", channel)
    finally:
        server.db = own


# === PREFERENCES === #


def open_preferences(backend):
    page = backend.page
    page.locator(".o_user_menu button").click()
    page.locator("[data-menu=preferences]").click()
    page.locator(".modal .o_form_view").wait_for()


def test_preferences_and_language(person, shot):
    backend = person(AGENT)
    page = backend.page
    open_preferences(backend)
    shot(page, "preferences")
    assert page.locator(".modal").get_by_text("API").count() == 0
    backend.fill(phone="13900001111")
    language = page.locator(".modal div[name=lang]")
    _choose_language(page, language, "English")
    page.locator(".modal button[name=preference_save]").click()
    page.locator(".modal").wait_for(state="detached")
    page.locator(".o_menu_sections").get_by_text("Customers").wait_for()
    open_preferences(backend)
    _choose_language(page, page.locator(".modal div[name=lang]"), "简体中文")
    page.locator(".modal button[name=preference_save]").click()
    page.locator(".modal").wait_for(state="detached")
    page.locator(".o_menu_sections").get_by_text("客户").wait_for()
    shot(page, "chinese")
    backend.watched.check()


def _choose_language(page, field, text):
    select = field.locator("select")
    if select.count():
        label = select.locator("option", has_text=text).first.inner_text()
        select.select_option(label=label)
        return
    field.locator("input").click()
    page.locator(".o_select_menu_item", has_text=text).first.click()


def confirm_identity(page, password):
    page.locator(".modal button[name=run_check]").wait_for()
    page.locator(".modal input[type=password]").last.fill(password)
    page.locator(".modal button[name=run_check]").click()


def test_change_of_password(person, server, shot):
    backend = person("chenguang.agent2@demo.huolie.example")
    page = backend.page
    open_preferences(backend)
    page.locator("button[name=preference_change_password]").click()
    confirm_identity(page, server.password)
    page.locator(".modal button[name=change_password]").wait_for()
    shot(page, "password")
    for box in page.locator(".modal:visible input[type=password]").all():
        box.fill("New-Horse-2026")
    page.locator(".modal button[name=change_password]").click()
    page.wait_for_url("**/web/login*")
    page.fill("[name=login]", "chenguang.agent2@demo.huolie.example")
    page.fill("[name=password]", "New-Horse-2026")
    page.click("button[type=submit]")
    page.locator(".o_main_navbar").wait_for()
    # the token of the open page died with the old password, as it must
    refused = f"403 {server.url}/huolie/poll"
    assert [text for text in backend.watched.problems() if text != refused] == []


def test_two_factor_sign_in_ends_in_the_web_client(person, server, new_page, shot):
    login = "chenguang.supervisor@demo.huolie.example"
    backend = person(login)
    page = backend.page
    open_preferences(backend)
    page.locator("button[name=action_totp_enable_wizard]").click()
    confirm_identity(page, server.password)
    page.locator(".modal button[name=enable]").wait_for()
    secret = page.evaluate(
        """() => {
            const text = document.querySelector(".modal .o_form_view").innerText;
            const found = text.replace(/\\s/g, "").match(/[A-Z2-7]{32}/);
            return found && found[0];
        }"""
    )
    if not secret:
        page.get_by_text("Cannot scan it?").click()
        secret = page.locator(".modal span[name=secret], .modal div[name=secret]")
        secret = secret.first.inner_text().replace(" ", "")
    shot(page, "two-factor")
    page.locator(".modal div[name=code] input").fill(code_of(secret))
    page.locator(".modal button[name=enable]").click()
    page.locator(".modal button[name=enable]").wait_for(state="detached")
    backend.watched.check()
    fresh = new_page(locale="en-US")
    fresh.goto(f"{server.url}/web/login")
    fresh.fill("[name=login]", login)
    fresh.fill("[name=password]", server.password)
    fresh.click("button[type=submit]")
    # The next code: the same one is not taken twice, a clock may be half a minute off.
    fresh.locator("[name=totp_token]").fill(code_of(secret, time.time() + 30))
    fresh.click("button[type=submit]")
    fresh.locator(".o_main_navbar .o_user_menu").wait_for()
    assert "/odoo" in fresh.url


def code_of(secret, moment=None):
    """The six digits of RFC 6238 for a base-32 secret."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    counter = struct.pack(">Q", int((moment or time.time()) // 30))
    digest = hmac.new(key, counter, hashlib.sha1).digest()
    place = digest[-1] & 15
    number = struct.unpack(">I", digest[place : place + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06d}"


# === WHAT IS SHUT === #


@pytest.mark.parametrize(
    "path",
    [
        "discuss",
        "settings",
        "apps",
        "action-base.action_res_users",
        "action-base.action_partner_form",
        "action-mail.action_view_mail_mail",
    ],
)
def test_stock_pages_by_address_lead_home(person, path):
    backend = person(AGENT)
    home = backend.page.locator(".o_menu_sections").inner_text()
    backend.page.goto(f"{backend.url}/odoo/{path}")
    backend.page.locator(".o_action_manager > *").first.wait_for()
    backend.watched.check()
    assert backend.page.locator(".o_menu_sections").inner_text() == home
    assert backend.page.locator(".o-mail-Discuss, .o_setting_container").count() == 0


@pytest.mark.parametrize("path", ["/web/become", "/web/tests", "/doc", "/json/1/x"])
def test_stock_routes_lead_back(person, path):
    backend = person(AGENT)
    answer = backend.page.request.get(f"{backend.url}{path}")
    assert answer.status in (200, 401, 404)
    assert "/odoo" in answer.url or answer.status in (401, 404)


def test_methods_outside_the_list_do_not_exist(server):
    session = server.rpc(ADMIN)
    for model, method in (
        ("res.partner", "signup_prepare"),
        ("ir.attachment", "regenerate_assets_bundles"),
        ("mail.thread", "message_process"),
        ("res.users", "api_key_wizard"),
        ("ir.config_parameter", "get_param"),
    ):
        with pytest.raises(Exception, match="404|Not Found"):
            session.call(model, method)


def test_no_remote_procedure_calls_with_a_password(server):
    import xmlrpc.client

    common = xmlrpc.client.ServerProxy(f"{server.url}/xmlrpc/2/common")
    assert not common.authenticate(server.db, ADMIN, server.password, {})
    rows = server.query("SELECT id FROM res_users WHERE login = %s", ADMIN)
    models = xmlrpc.client.ServerProxy(f"{server.url}/xmlrpc/2/object")
    with pytest.raises(xmlrpc.client.Fault):
        models.execute_kw(
            server.db, rows[0][0], server.password, "res.partner", "search", [[]]
        )


def test_phone_width(person, shot):
    backend = person(AGENT, width=390, height=844)
    for action in list(menu_actions(backend.page))[:6]:
        backend.page.goto(f"{backend.url}/odoo/action-{action}")
        backend.page.locator(".o_action_manager > *").first.wait_for()
        backend.page.wait_for_timeout(500)
        shot(backend.page, f"{action}")
    backend.watched.check()
