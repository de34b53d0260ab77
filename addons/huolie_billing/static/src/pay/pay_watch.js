import {Component, onMounted, onWillUnmount, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {formatMonetary} from "@web/views/fields/formatters";

const STEP = 2000;
// A payment may still come after the end: look on, slowly, for ten minutes.
const LATE_STEP = 15000;
const LATE_LOOKS = 40;

/**
 * The page to pay at: QR code or link, countdown, "paid" without a reload (B1).
 *
 * When the countdown ends the code disappears at once and the server asks the gateway
 * a last time; what it says then (paid, expired, no answer) is shown.
 */
export class PayWatch extends Component {
    static template = "huolie_billing.PayWatch";
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.state = useState({seconds: null, asking: false, answer: ""});
        this.late = 0;
        // The timer begins with what is shown: what never was, never asks.
        onMounted(() => this.next(0));
        onWillUnmount(() => clearTimeout(this.timer));
    }

    get data() {
        return this.props.record.data;
    }

    get waiting() {
        return this.data.state === "waiting";
    }

    get over() {
        return this.waiting && this.state.seconds === 0;
    }

    get clock() {
        const minutes = Math.floor(this.state.seconds / 60);
        const rest = String(this.state.seconds % 60).padStart(2, "0");
        return `${minutes}:${rest}`;
    }

    get amount() {
        const {amount, currency_id: currency} = this.data;
        return formatMonetary(amount, {currencyId: currency && currency.id});
    }

    /** Where to pay: Alipay has a page; the address of WeChat Pay is in the picture. */
    get page() {
        const {method, pay_url: url} = this.data;
        return method === "alipay" && /^https?:/.test(url || "") ? url : "";
    }

    get qr() {
        const {resId} = this.props.record;
        const shown = this.data.method === "wechat" && !this.over;
        return shown && resId ? `/web/image/huolie.recharge/${resId}/qr` : "";
    }

    next(pause) {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.look(), pause);
    }

    async look() {
        if (!this.props.record.resId) {
            return;
        }
        const before = this.state.seconds;
        await this.ask("get_pay_state", this.orm.silent);
        if (this.over && before !== 0) {
            await this.check();
        }
        if (this.waiting) {
            this.next(this.over ? LATE_STEP : STEP);
        } else if (this.data.state !== "approved" && this.late++ < LATE_LOOKS) {
            this.next(LATE_STEP);
        }
    }

    /** Ask the gateway itself: "I have paid", and once when the time is over. */
    async check() {
        this.state.asking = true;
        this.state.answer = "";
        try {
            const found = await this.ask("check_payment", this.orm);
            this.state.answer =
                {true: "unpaid", false: "silent"}[found.answered] || "wait";
        } finally {
            this.state.asking = false;
        }
    }

    async ask(method, orm) {
        const {record} = this.props;
        const found = await orm.call("huolie.recharge", method, [[record.resId]]);
        this.state.seconds = found.seconds;
        if (found.state !== record.data.state) {
            await record.load();
        }
        return found;
    }
}

registry.category("view_widgets").add("huolie_pay_watch", {
    component: PayWatch,
    fieldDependencies: [
        {name: "state", type: "selection"},
        {name: "method", type: "selection"},
        {name: "pay_url", type: "char"},
        {name: "amount", type: "monetary"},
        {name: "currency_id", type: "many2one", relation: "res.currency"},
    ],
});
