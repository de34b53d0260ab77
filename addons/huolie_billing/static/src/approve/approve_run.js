import {Component, onWillStart, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

/** Approves transfers batch by batch and shows how far it is (B3). */
export class ApproveRun extends Component {
    static template = "huolie_billing.ApproveRun";
    static props = {"*": true};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        const {ids, size} = this.props.action.params;
        this.ids = ids;
        this.size = size;
        this.state = useState({
            at: 0,
            approved: 0,
            left: [],
            running: false,
            fault: "",
        });
        onWillStart(() => {
            this.run();
        });
    }

    get total() {
        return this.ids.length;
    }

    get percent() {
        return Math.round((100 * this.state.at) / this.total);
    }

    get isOver() {
        return this.state.at >= this.total;
    }

    get summary() {
        return _t("%(approved)s approved, %(left)s left for you to look at.", {
            approved: this.state.approved,
            left: this.state.left.length,
        });
    }

    async run() {
        this.state.running = true;
        this.state.fault = "";
        try {
            while (this.state.running && !this.isOver) {
                await this.runBatch();
            }
        } catch {
            this.state.fault = _t(
                "The connection was interrupted. What is approved stays approved."
            );
        }
        this.state.running = false;
    }

    async runBatch() {
        const ids = this.ids.slice(this.state.at, this.state.at + this.size);
        const results = await this.orm.silent.call("huolie.recharge", "approve_batch", [
            ids,
        ]);
        for (const result of results) {
            if (result.state === "approved") {
                this.state.approved++;
            } else {
                this.state.left.push(result);
            }
        }
        this.state.at += ids.length;
    }

    stop() {
        this.state.running = false;
    }

    async openOne(result) {
        await this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "huolie.recharge",
            res_id: result.id,
            views: [[false, "form"]],
        });
    }

    async close() {
        await this.action.doAction({type: "ir.actions.act_window_close"});
        await this.action.doAction("soft_reload");
    }
}

registry.category("actions").add("huolie_billing.approve_run", ApproveRun);
