"""In an Odoo 19 that somebody already has, our addons disturb nobody.

Their Odoo has website, sale_management, im_livechat, hr and crm; it is started with
nothing but an addons_path. Each of our addons is installed as the Apps menu does it,
and all of them are uninstalled again.
"""

import difflib

import pytest

from huolie_tools import database
from tests.support import logs

from .host import EMPLOYEE, OUR_APPS, PASSWORD, Host, Session, server_running

VARIANTS = {
    # a Belgian company, prefork workers, no demo data
    "euro": {"country": "base.be", "currency": "base.EUR", "workers": 2},
    # an American company with the demo data of all their apps
    "demo": {"country": "base.us", "currency": "base.USD", "demo": True},
}


@pytest.fixture(scope="module", params=list(VARIANTS))
def host(request):
    with server_running():
        odoo = Host(request.param, **VARIANTS[request.param])
        odoo.log.unlink(missing_ok=True)
        try:
            odoo.make()
            odoo.start()
            yield odoo
        finally:
            odoo.stop()
        logs.check("the log of their Odoo", odoo.complaints())


@pytest.fixture(scope="module")
def before(host):
    """What their people see before ours come; and the tables."""
    host.admin().call("ir.module.module", "update_list")
    _talk_in_their_live_chat(host)
    return {
        "employee": host.view_of_employee(),
        "portal": host.view_of_portal(),
        "visitor": host.view_of_visitor(),
        "sales": host.view_of_sales(),
        "tables": host.tables(),
    }


@pytest.fixture(scope="module")
def installed(host, before):
    """Ours, one after the other; in the demo Odoo each brings what it needs."""
    for name in reversed(OUR_APPS) if host.demo else OUR_APPS:
        host.install(name)
        assert host.module_state(name) == "installed"
    return OUR_APPS


def _assert_same(now, then):
    """Equal, or the difference as a text that can be read."""
    for key in then:
        if now[key] != then[key]:
            old, new = _lines(then[key]), _lines(now[key])
            shown = "\n".join(difflib.unified_diff(old, new, "before", "now", n=1))
            pytest.fail(f"{key} differs:\n{shown[:4000]}", pytrace=False)


def _lines(value):
    text = value[1] if isinstance(value, tuple) else value
    if isinstance(text, list):
        return text
    return str(text).replace("><", ">\n<").replace("> <", ">\n<").splitlines()


def test_each_addon_installs_from_the_apps_menu(host, installed):
    assert {host.module_state(name) for name in installed} == {"installed"}


def test_their_chart_and_currency_stay_and_are_booked_in(host, installed):
    """No Chinese chart, no CNY: the demo data's transfers are posted all the same."""
    query = (
        "SELECT c.name, co.chart_template FROM res_company co"
        " JOIN res_currency c ON c.id = co.currency_id WHERE co.id = 1"
    )
    currency, chart = database.sql(host.db, query)[0]
    assert currency == VARIANTS[host.title]["currency"].removeprefix("base.")
    assert chart and not chart.startswith("cn")
    query = (
        "SELECT count(*) FROM huolie_recharge t JOIN account_payment p"
        " ON p.id = t.payment_id WHERE p.state IN ('in_process', 'paid')"
    )
    posted = int(database.sql(host.db, query)[0][0])
    assert (posted > 0) == host.demo


def test_employee_sees_no_difference(host, before, installed):
    now = host.view_of_employee()
    # groups that everybody gets silently are a difference too
    _assert_same(now, before["employee"])


def test_employee_cannot_read_our_records(host, installed):
    session = Session(host.url, host.db, EMPLOYEE, PASSWORD)
    with pytest.raises(Exception, match="AccessError"):
        session.call("huolie.enterprise", "search_read", [], ["name"])


def test_sales_people_see_no_customer_and_no_lead_of_any_enterprise(
    host, before, installed
):
    """Employee, salesman, sales manager: contacts, pipeline, digest, duplicates."""
    host.add_enterprises()
    now = host.view_of_sales()
    for login, view in now.items():
        assert view["customers of enterprises"] == [0, 0], login
    _assert_same(now, before["sales"])


def test_portal_user_sees_no_difference(host, before, installed):
    _assert_same(host.view_of_portal(), before["portal"])


def test_visitor_sees_no_difference(host, before, installed):
    _assert_same(host.view_of_visitor(), before["visitor"])


def test_their_own_live_chat_still_talks(host, installed):
    _talk_in_their_live_chat(host)


def _talk_in_their_live_chat(host):
    """A visitor of their website and their employee write to each other."""
    agent = Session(host.url, host.db, EMPLOYEE, PASSWORD)
    channel = agent.call("im_livechat.channel", "search", [], limit=1)[0]
    agent.call("im_livechat.channel", "action_join", [channel])
    host.set_present(agent.uid)
    visitor = Session(host.url, host.db)
    loader = visitor.get(f"/im_livechat/loader/{channel}", params={"db": host.db})
    assert loader.status_code == 200 and "livechatData" in loader.text
    wanted = {"channel_id": channel, "previous_operator_id": None, "persisted": True}
    talk = visitor.json("/im_livechat/get_session", wanted)["channel_id"]
    for person, text in ((visitor, "Is anybody there?"), (agent, "I am.")):
        message = {"body": text, "message_type": "comment"}
        message["subtype_xmlid"] = "mail.mt_comment"
        person.json(
            "/mail/message/post",
            {
                "thread_model": "discuss.channel",
                "thread_id": talk,
                "post_data": message,
            },
        )
    for person in (visitor, agent):
        seen = str(person.json("/discuss/channel/messages", {"channel_id": talk}))
        assert "Is anybody there?" in seen and "I am." in seen
    # pages show whether somebody is there: compare them with nobody there
    host.set_present(agent.uid, False)


def test_uninstalling_leaves_it_as_before(host, before, installed):
    host.uninstall("huolie_base")
    assert {host.module_state(name) for name in installed} == {"uninstalled"}
    assert host.leftovers() == {}
    assert host.tables() - before["tables"] == set()
    assert before["tables"] - host.tables() == set()
    _talk_in_their_live_chat(host)
    _assert_same(host.view_of_employee(), before["employee"])
    _assert_same(host.view_of_portal(), before["portal"])
    _assert_same(host.view_of_visitor(), before["visitor"])
