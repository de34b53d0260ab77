"""The shared fixtures themselves: server, mailbox, foreign website, browser."""

import smtplib


def test_login_page_has_no_problem(server, new_page, shot):
    page = new_page()
    page.goto(f"{server.url}/web/login")
    page.get_by_role("button", name="登录").wait_for()
    shot(page, "login")
    assert page.problems == []


def test_administrator_session_sees_the_addons(server):
    session = server.rpc("admin")
    names = session.call(
        "ir.module.module",
        "search_read",
        [["name", "=like", "huolie_%"], ["state", "=", "installed"]],
        ["name"],
    )
    assert {"name": "huolie_base"}.items() <= names[0].items()


def test_snippet_is_on_every_page_of_the_foreign_site(foreign_site, new_page):
    page = new_page()
    page.goto(f"{foreign_site.url}edit")
    page.get_by_label("snippet").fill("<p id='pasted'>pasted</p>")
    page.get_by_role("button", name="保存").click()
    page.locator("#pasted").wait_for()
    page.goto(f"{foreign_site.url}products")
    assert page.locator("#pasted").inner_text() == "pasted"


def test_mailbox_shows_a_link_that_can_be_clicked(mailbox, new_page):
    with smtplib.SMTP("127.0.0.1", mailbox.smtp_port) as smtp:
        text = "Subject: =?utf-8?b?5rOo5YaM?=\r\n\r\nhttp://localhost/confirm?x=1\r\n"
        smtp.sendmail("a@huolie.example", ["b@example.com"], text)
    mail = mailbox.wait_for("b@example.com", "注册")
    assert mail["links"] == ["http://localhost/confirm?x=1"]
    page = new_page()
    page.goto(mailbox.url)
    page.get_by_role("link", name="注册").click()
    page.get_by_role("link", name="http://localhost/confirm?x=1").wait_for()
