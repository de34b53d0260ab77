import {Component} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {session} from "@web/session";

// The chapter of the guide for a screen: part of the action's name -> anchor.
const CHAPTERS = [
    ["huolie_enterprise_account", "account"],
    ["huolie_verification", "account"],
    ["recharge", "account"],
    ["wallet", "account"],
    ["fapiao", "account"],
    ["huolie_seat", "seats"],
    ["huolie_group", "seats"],
    ["huolie_role", "roles"],
    ["console", "console"],
    ["faq", "robot"],
    ["robot", "robot"],
    ["site", "style"],
    ["style", "style"],
];

/** A "?" in the top bar: the guide, at the chapter of the screen that is open. */
export class HelpLink extends Component {
    static template = "huolie_base.HelpLink";
    static props = {};

    setup() {
        this.action = useService("action");
    }

    open() {
        const current = this.action.currentController?.action || {};
        const name = `${current.xml_id || ""} ${current.tag || ""}`;
        const found = CHAPTERS.find(([part]) => name.includes(part));
        window.open(`/huolie/help#${found ? found[1] : "start"}`, "_blank");
    }
}

/** Says that the operator's staff are looking in, and ends the visit. */
export class SupportVisit extends Component {
    static template = "huolie_base.SupportVisit";
    static props = {};

    get name() {
        return session.support_name;
    }
}

if (session.is_tenant) {
    registry
        .category("systray")
        .add("huolie_base.help", {Component: HelpLink}, {sequence: 30});
}
if (session.support_name) {
    registry
        .category("systray")
        .add("huolie_base.support", {Component: SupportVisit}, {sequence: 200});
}
