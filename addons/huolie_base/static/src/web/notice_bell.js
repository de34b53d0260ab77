import {Component, useState} from "@odoo/owl";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {useDropdownState} from "@web/core/dropdown/dropdown_hooks";
import {registry} from "@web/core/registry";
import {session} from "@web/session";
import {useBus, useService} from "@web/core/utils/hooks";
import {_t} from "@web/core/l10n/translation";
import {deserializeDateTime} from "@web/core/l10n/dates";

const SHOWN = 12;

/** Keeps the number of unread notices, told by the bus. */
export const noticeService = {
    dependencies: ["bus_service", "notification"],
    start(env, {bus_service, notification}) {
        const state = {unread: session.huolie_unread_notices || 0};
        const bus = env.bus;
        bus_service.subscribe("huolie.notice", ({unread, subject, body}) => {
            state.unread = unread;
            bus.trigger("HUOLIE:NOTICES");
            if (subject) {
                notification.add(body || "", {title: subject, type: "info"});
            }
        });
        bus_service.start();
        return state;
    },
};

export class NoticeBell extends Component {
    static template = "huolie_base.NoticeBell";
    static components = {Dropdown};
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notices = useService("huolie_notices");
        this.dropdown = useDropdownState();
        this.state = useState({unread: this.notices.unread, rows: [], loading: false});
        useBus(this.env.bus, "HUOLIE:NOTICES", () => {
            this.state.unread = this.notices.unread;
            if (this.dropdown.isOpen) {
                this.load();
            }
        });
    }

    get title() {
        return this.state.unread
            ? _t("%s unread notices", this.state.unread)
            : _t("Notices");
    }

    async load() {
        this.state.loading = true;
        try {
            this.state.rows = await this.orm.call("huolie.notice", "get_latest", [
                SHOWN,
            ]);
        } finally {
            this.state.loading = false;
        }
    }

    time(row) {
        return deserializeDateTime(row.create_date).toRelative();
    }

    async open(row) {
        this.dropdown.close();
        await this.orm.call("huolie.notice", "action_read", [[row.id]]);
        if (row.url) {
            window.location.assign(row.url);
        } else {
            await this.action.doAction("huolie_base.huolie_notice_action", {
                clearBreadcrumbs: true,
            });
        }
    }

    async readAll() {
        await this.orm.call("huolie.notice", "action_read_all", []);
        await this.load();
    }

    showAll() {
        this.dropdown.close();
        this.action.doAction("huolie_base.huolie_notice_action", {
            clearBreadcrumbs: true,
        });
    }
}

// Employees get the bell only where they work for an enterprise or as an operator.
if (session.huolie_unread_notices !== undefined) {
    registry.category("services").add("huolie_notices", noticeService);
    registry
        .category("systray")
        .add("huolie_base.notice_bell", {Component: NoticeBell}, {sequence: 20});
}
