import {Component, onWillStart, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

/**
 * Approves transfers batch by batch and shows how far it is (B3). Held ones are shown
 * first: one reason goes for all that stay ticked, the others are left.
 */
export class ApproveRun extends Component {
    static template = "huolie_billing.ApproveRun";
    static props = {"*": true};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        const {ids, size, held} = this.props.action.params;
        this.size = size;
        this.held = held || [];
        const heldIds = this.held.map((row) => row.id);
        this.plain = ids.filter((id) => !heldIds.includes(id));
        this.batches = [];
        this.state = useState({
            asking: this.held.length > 0,
            ticked: Object.fromEntries(heldIds.map((id) => [id, true])),
            note: "",
            total: 0,
            at: 0,
            done: 0,
            approved: 0,
            left: [],
            running: false,
            fault: "",
        });
        onWillStart(() => {
            if (!this.state.asking) {
                this.start();
            }
        });
    }

    get ticked() {
        return this.held.filter((row) => this.state.ticked[row.id]);
    }

    get canStart() {
        const chosen = this.ticked.length;
        return chosen ? Boolean(this.state.note.trim()) : this.plain.length > 0;
    }

    get startLabel() {
        return _t("Approve %s", this.ticked.length + this.plain.length);
    }

    get plainText() {
        return _t("Not held, approved with them: %s", this.plain.length);
    }

    get percent() {
        return Math.round((100 * this.state.done) / (this.state.total || 1));
    }

    get isOver() {
        return this.state.at >= this.batches.length;
    }

    get summary() {
        return _t("%(approved)s approved, %(left)s left for you to look at.", {
            approved: this.state.approved,
            left: this.state.left.length,
        });
    }

    /** Those without a hold go first and never carry the reason of the others. */
    start() {
        const chosen = this.ticked.map((row) => row.id);
        this.batches = [...this.cut(this.plain), ...this.cut(chosen, this.state.note)];
        this.state.total = this.plain.length + chosen.length;
        this.state.left = this.held
            .filter((row) => !this.state.ticked[row.id])
            .map((row) => ({...row, state: "failed", error: row.why}));
        this.state.asking = false;
        this.run();
    }

    cut(ids, note = null) {
        const batches = [];
        for (let at = 0; at < ids.length; at += this.size) {
            batches.push({ids: ids.slice(at, at + this.size), note});
        }
        return batches;
    }

    tickAll(on) {
        for (const row of this.held) {
            this.state.ticked[row.id] = on;
        }
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
        const {ids, note} = this.batches[this.state.at];
        const results = await this.orm.silent.call("huolie.recharge", "approve_batch", [
            ids,
            note,
        ]);
        for (const result of results) {
            if (result.state === "approved") {
                this.state.approved++;
            } else {
                this.state.left.push(result);
            }
        }
        this.state.done += ids.length;
        this.state.at++;
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
