"""The widget on a foreign website with a strict content policy, in real Chromium.

The server is the protocol peer of ``tests/js``: what is tried here is the scripts. The
main job (``test_main_job.py``) tries them against the real server.
"""

import socket

import pytest

from tests.browser.widget_site import Peer, Site

ICON = (
    "M12 3C6.5 3 2 6.6 2 11c0 2.4 1.4 4.6 3.5 6.1L5 21l4-2.2c1 .2 2 .3 3 .3 5.5 0 10"
    "-3.6 10-8.1S17.5 3 12 3z"
)
LOOK = {
    "style": "round", "side": "right", "x": 24, "y": 24, "text": "在线客服",
    "color": "#c8321e", "icon": ICON, "window": "mini",
}  # fmt: skip


@pytest.fixture
def peer():
    peer = Peer()
    yield peer
    peer.stop()


@pytest.fixture
def open_site(peer, new_page):
    """Show the foreign page with a look; returns the page with the widget on it."""
    sites = []

    def show(config=None, lang="zh-CN", theme="", origin=None, **options):
        peer.config(config or {"d": LOOK})
        origin = origin or peer.url
        site = Site(origin, f"{origin}/huolie/w/sitekey.js", lang=lang, theme=theme)
        sites.append(site)
        page = new_page(**options)
        page.site = site
        page.goto(site.url)
        return page

    yield show
    for site in sites:
        site.stop()


def button(page):
    return page.locator("#huolie button[part=button]")


def window(page):
    return page.locator("#huolie .h-box")


def write(page, text):
    page.get_by_label("请输入您的问题").fill(text)
    page.keyboard.press("Enter")


def until(page, expression):
    """Wait until an expression is true.

    Playwright's own wait evaluates text inside the page, which the site's content
    security policy forbids unless it is true at the first look.
    """
    for _turn in range(200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(expression)


def harmless(page):
    """The host page was not touched: no error, no policy breach, one global."""
    errors, policy, names = page.evaluate(
        "[errors, policy, Object.keys(window).filter(k => before.indexOf(k) < 0)]"
    )
    assert (errors, policy) == ([], [])
    assert sorted(names) == ["before", "huolie"]
    assert page.problems == []


@pytest.mark.parametrize("style", ["bar", "round", "tab"])
@pytest.mark.parametrize("theme", ["", "dark"])
def test_button_is_drawn_and_hurts_nothing(open_site, shot, style, theme):
    page = open_site({"d": {**LOOK, "style": style}}, theme=theme, height=600)
    box = button(page).bounding_box()
    assert box["x"] + box["width"] <= 1440
    assert box["y"] + box["height"] <= 600
    assert box["width"] >= 44
    assert box["height"] >= 44
    until(page, "Boolean(window.huolie)")
    assert page.evaluate("shifts") == 0
    shot(page, f"button-{style}-{theme or 'light'}")
    harmless(page)


@pytest.mark.parametrize("style", ["mini", "side", "standard"])
def test_windows(open_site, shot, peer, style):
    page = open_site({"d": {**LOOK, "window": style}}, height=800)
    button(page).click()
    page.get_by_text("怎么收费？").wait_for()
    shot(page, f"window-{style}")
    box = window(page).bounding_box()
    if style == "standard":
        assert box["width"] >= 1420, "all but the scroll bar"
        assert round(box["height"]) == 800
    elif style == "side":
        assert round(box["height"]) == 800
    else:
        assert box["height"] < 600
    page.keyboard.press("Escape")
    assert not window(page).is_visible()
    harmless(page)


@pytest.mark.parametrize("style", ["mini", "side", "standard"])
def test_phone_fits_the_screen(open_site, shot, style):
    look = {"d": LOOK, "m": {**LOOK, "window": style, "style": "bar"}}
    page = open_site(look, width=375, height=667, has_touch=True, is_mobile=True)
    shot(page, f"phone-button-{style}")
    button(page).tap()
    page.get_by_text("怎么收费？").wait_for()
    shot(page, f"phone-{style}")
    box = window(page).bounding_box()
    assert box["x"] >= 0
    # the browser lays out in 1/64 of a pixel
    assert box["x"] + box["width"] < 376
    assert box["y"] + box["height"] < 668
    size = page.get_by_label("请输入您的问题").evaluate(
        "node => getComputedStyle(node).fontSize"
    )
    assert size == "16px", "a smaller one makes phones zoom in"
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_robot_person_end_and_rating(open_site, shot, peer):
    page = open_site()
    button(page).click()
    page.get_by_text("怎么收费？").click()
    page.get_by_text("关于“怎么收费？”").wait_for()
    shot(page, "robot")
    write(page, "<b>我要人工</b> 😀")
    page.get_by_text("关于“<b>我要人工</b> 😀”").wait_for()
    page.get_by_role("button", name="转人工").click()
    page.get_by_text("您在第 3 位").wait_for()
    shot(page, "queue")
    peer.join(1)
    peer.agentSays(1, "您好，请看 https://example.com/price")
    page.get_by_role("link", name="https://example.com/price").wait_for()
    write(page, "谢谢")
    shot(page, "agent")
    page.get_by_role("button", name="结束对话").click()
    page.get_by_role("button", name="确定").click()
    page.get_by_label("5 星").click()
    page.get_by_role("button", name="已解决").click()
    shot(page, "rating")
    page.get_by_role("button", name="提交").click()
    page.get_by_text("感谢您的评价").wait_for()
    assert peer.state()["talks"][0]["rating"]["score"] == 5
    harmless(page)


def test_history_after_reload_and_one_polling_tab(open_site, peer):
    page = open_site()
    button(page).click()
    write(page, "第一条")
    page.get_by_text("关于“第一条”").wait_for()
    page.reload()
    button(page).click()
    page.get_by_text("关于“第一条”").wait_for()
    second = page.context.new_page()
    second.goto(page.site.url)
    button(second).click()
    second.get_by_text("关于“第一条”").wait_for()
    peer.join(1)
    peer.agentSays(1, "两边都看得到")
    for tab in (page, second):
        tab.get_by_text("两边都看得到").wait_for()
    write(second, "从第二个页面")
    page.get_by_text("从第二个页面").wait_for()
    assert page.get_by_text("从第二个页面").count() == 1
    page.wait_for_timeout(500)
    assert peer.waiting() == [1]


def test_form_says_what_is_missing_and_keeps_what_was_typed(open_site, shot, peer):
    peer.set({"state": "form", "robot": False})
    page = open_site(width=375, height=667, has_touch=True, is_mobile=True)
    button(page).tap()
    page.get_by_label("留言内容").fill("想了解价格")
    page.get_by_role("button", name="提交").click()
    page.get_by_text("请填写此项").first.wait_for()
    shot(page, "form-missing")
    page.reload()
    button(page).tap()
    assert page.get_by_label("留言内容").input_value() == "想了解价格"
    page.get_by_label("姓名").fill("王先生")
    page.get_by_label("手机").fill("13800138000")
    page.get_by_role("button", name="提交").click()
    page.get_by_text("留言已提交").wait_for()
    shot(page, "form-thanks")
    assert [lead["body"] for lead in peer.state()["leads"]] == ["想了解价格"]
    harmless(page)


def test_keyboard_goes_round_inside_and_escape_gives_the_button_back(open_site):
    page = open_site()
    button(page).focus()
    page.keyboard.press("Enter")
    page.get_by_text("怎么收费？").wait_for()
    active = "document.getElementById('huolie').shadowRoot.activeElement"
    inside = f"{active} && {active}.closest('.h-box') !== null"
    for _step in range(25):
        page.keyboard.press("Tab")
        assert page.evaluate(inside)
    for _step in range(25):
        page.keyboard.press("Shift+Tab")
        assert page.evaluate(inside)
    page.keyboard.press("Escape")
    assert page.evaluate(f"{active}.getAttribute('part')") == "button"
    log = page.locator("#huolie [role=log]")
    assert log.get_attribute("aria-live") == "polite"
    assert page.locator("#huolie [role=dialog]").get_attribute("aria-labelledby")


def test_light_theme_colour_gets_dark_text(open_site, shot):
    page = open_site({"d": {**LOOK, "color": "#ffe600", "style": "bar"}})
    button(page).click()
    page.get_by_text("怎么收费？").wait_for()
    shot(page, "yellow")
    colour = page.locator("#huolie .h-head").evaluate("n => getComputedStyle(n).color")
    assert colour == "rgb(0, 0, 0)"


def test_english_and_traditional_chinese(open_site, shot):
    page = open_site(lang="en")
    button(page).click()
    page.get_by_role("button", name="Talk to a person").wait_for()
    shot(page, "english")
    page = open_site(lang="zh-HK")
    button(page).click()
    page.get_by_role("button", name="轉真人").wait_for()


def test_server_down_leaves_the_page_alone(open_site):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    page = open_site(origin=f"http://127.0.0.1:{port}")
    page.wait_for_load_state()
    assert page.evaluate("[errors, policy]") == [[], []]
    assert page.locator("#huolie").count() == 0
    page.locator("#buy").click()


def test_server_lost_in_mid_talk_and_back(open_site, shot, peer):
    page = open_site()
    button(page).click()
    page.get_by_text("怎么收费？").wait_for()
    page.context.set_offline(True)
    write(page, "没有网络时写的")
    page.get_by_text("发送中").wait_for()
    page.context.set_offline(False)
    page.get_by_text("关于“没有网络时写的”").wait_for()
    sent = [
        e for t in peer.state()["talks"] for e in t["events"] if e["a"] == "visitor"
    ]
    assert [e["b"] for e in sent] == ["没有网络时写的"]


def test_invitation_can_be_taken_or_left(open_site, shot, peer):
    page = open_site()
    until(page, "Boolean(window.huolie)")
    page.wait_for_timeout(800)
    peer.tell({"e": "invite", "b": "需要帮忙吗？"})
    page.get_by_text("需要帮忙吗？").wait_for()
    shot(page, "invite")
    page.get_by_role("button", name="开始咨询").click()
    page.get_by_text("怎么收费？").wait_for()
    harmless(page)


def test_frozen_shows_nothing(open_site, peer):
    peer.set({"state": "off"})
    page = open_site()
    until(page, "document.getElementById('huolie').style.display === 'none'")
    assert not button(page).is_visible()
    harmless(page)
