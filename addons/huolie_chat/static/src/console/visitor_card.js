import {_t} from "@web/core/l10n/translation";
import {useService} from "@web/core/utils/hooks";
import {Component, onWillStart, useEffect, useState} from "@odoo/owl";

const {DateTime} = luxon;

/** Who is writing: contacts to edit in place, page trail, earlier conversations. */
export class VisitorCard extends Component {
    static template = "huolie_chat.VisitorCard";
    static props = {
        conv: Object,
        rights: Object,
        onOpenPrevious: Function,
        onBack: Function,
    };

    setup() {
        this.desk = useService("huolie_desk");
        this.conv = useState(this.props.conv);
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.fields = [
            {name: "name", label: _t("Name"), icon: "fa-user-o", type: "text"},
            {name: "phone", label: _t("Phone"), icon: "fa-phone", type: "tel"},
            {name: "email", label: _t("E-mail"), icon: "fa-envelope-o", type: "email"},
            {name: "wechat", label: _t("WeChat"), icon: "fa-weixin", type: "text"},
        ];
        this.state = useState({card: null, saved: null, failed: false, busy: false});
        onWillStart(() => this.load(this.props.conv));
        useEffect(
            (version) => {
                if (version !== this.loadedVersion) {
                    this.load(this.conv);
                }
            },
            () => [this.conv.cardVersion]
        );
    }

    async load(conv) {
        this.loadedVersion = conv.cardVersion;
        if (this.state.card?.id !== conv.id) {
            this.state.card = null;
        }
        try {
            const card = await this.orm.silent.call("huolie.console", "card", [
                conv.id,
            ]);
            this.state.failed = false;
            this.take(conv, card);
        } catch {
            this.state.failed = true;
        }
    }

    take(conv, card) {
        this.state.card = card;
        const {name, phone, email, wechat} = card.visitor;
        Object.assign(conv, {phone, email, wechat, realName: name});
        if (name) {
            conv.name = name;
        }
    }

    get card() {
        return this.state.card;
    }

    async save(name, ev) {
        const value = ev.target.value.trim();
        if (value === (this.card.visitor[name] || "")) {
            return;
        }
        const card = await this.orm.call("huolie.console", "save_card", [
            this.props.conv.id,
            {[name]: value},
        ]);
        this.take(this.props.conv, card);
        this.state.saved = name;
        setTimeout(() => (this.state.saved = null), 1500);
    }

    async saveSummary(vals) {
        const card = await this.orm.call("huolie.console", "save_summary", [
            this.props.conv.id,
            vals,
        ]);
        this.take(this.props.conv, card);
    }

    toggleTag(tag) {
        const ids = this.card.tag_ids;
        const next = ids.includes(tag.id)
            ? ids.filter((id) => id !== tag.id)
            : [...ids, tag.id];
        return this.saveSummary({tag_ids: next});
    }

    /** Call a method that answers with the card; one click, one call. */
    async make(method, message) {
        this.state.busy = true;
        try {
            const card = await this.orm.call("huolie.console", method, [
                this.props.conv.id,
            ]);
            this.take(this.props.conv, card);
            this.notification.add(message, {type: "success"});
        } finally {
            this.state.busy = false;
        }
    }

    makeLead() {
        return this.make("make_lead", _t("Saved as your lead."));
    }

    makeCustomer() {
        return this.make("make_customer", _t("Saved as customer."));
    }

    openRecord(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[this.card.views[model] || false, "form"]],
        });
    }

    timeOf(ms) {
        if (!ms) {
            return "";
        }
        const date = DateTime.fromMillis(ms);
        const today = DateTime.now().startOf("day") <= date;
        return date.toFormat(today ? "HH:mm" : "MM-dd HH:mm");
    }
}
