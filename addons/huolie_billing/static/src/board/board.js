import {Component, onWillStart, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {Layout} from "@web/search/layout";

/** The operator's money on one page; each number opens its list (B10). */
export class MoneyBoard extends Component {
    static template = "huolie_billing.MoneyBoard";
    static components = {Layout};
    static props = {"*": true};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({data: null, busy: false});
        this.display = {controlPanel: {}};
        onWillStart(() => this.load());
    }

    async load() {
        this.state.busy = true;
        try {
            this.state.data = await this.orm.call(
                "huolie.money.board",
                "get_board",
                []
            );
        } finally {
            this.state.busy = false;
        }
    }

    /**
     * @param {Object} card a number of the page: `action` (xmlid) and `filters`
     */
    open(card) {
        const additionalContext = {};
        for (const name of card.filters) {
            additionalContext[`search_default_${name}`] = 1;
        }
        return this.action.doAction(card.action, {additionalContext});
    }

    openCharts(action) {
        return this.action.doAction(action, {viewType: "graph"});
    }
}

registry.category("actions").add("huolie_billing.money_board", MoneyBoard);
