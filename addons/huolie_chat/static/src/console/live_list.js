import {browser} from "@web/core/browser/browser";
import {listView} from "@web/views/list/list_view";
import {ListController} from "@web/views/list/list_controller";
import {onMounted, onWillUnmount} from "@odoo/owl";
import {registry} from "@web/core/registry";

const EVERY_MS = 5000;

/** A list that reads itself again while nobody works in it: who is there now (C10). */
export class LiveListController extends ListController {
    setup() {
        super.setup();
        onMounted(() => {
            this.clock = browser.setInterval(() => this.readAgain(), EVERY_MS);
        });
        onWillUnmount(() => browser.clearInterval(this.clock));
    }

    async readAgain() {
        const {root} = this.model;
        const isBusy = root.selection?.length || root.editedRecord || this.reading;
        if (document.hidden || isBusy) {
            return;
        }
        this.reading = true;
        try {
            await root.load();
        } catch {
            // the line is down; the next turn tries again
        } finally {
            this.reading = false;
        }
    }
}

registry.category("views").add("huolie_live_list", {
    ...listView,
    Controller: LiveListController,
});
