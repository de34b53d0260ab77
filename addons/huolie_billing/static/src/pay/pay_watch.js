import {Component, onWillUnmount, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

const STEP = 2000;

/** Counts down and shows a recharge as paid by itself, without a reload (B1). */
export class PayWatch extends Component {
    static template = "huolie_billing.PayWatch";
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.state = useState({seconds: 0});
        this.timer = setInterval(() => this.look(), STEP);
        onWillUnmount(() => clearInterval(this.timer));
        this.look();
    }

    get clock() {
        const minutes = Math.floor(this.state.seconds / 60);
        const rest = String(this.state.seconds % 60).padStart(2, "0");
        return `${minutes}:${rest}`;
    }

    /** Where to pay: Alipay has a page; the address of WeChat Pay is in the picture. */
    get page() {
        const {method, pay_url: url} = this.props.record.data;
        return method === "alipay" && /^https?:/.test(url || "") ? url : "";
    }

    async look() {
        const {resId, data} = this.props.record;
        if (!resId || data.state !== "waiting") {
            return;
        }
        const found = await this.orm.silent.call("huolie.recharge", "get_pay_state", [
            [resId],
        ]);
        this.state.seconds = found.seconds;
        if (found.state !== this.props.record.data.state) {
            await this.props.record.load();
        }
    }
}

registry.category("view_widgets").add("huolie_pay_watch", {
    component: PayWatch,
    fieldDependencies: [
        {name: "state", type: "selection"},
        {name: "method", type: "selection"},
        {name: "pay_url", type: "char"},
    ],
});
