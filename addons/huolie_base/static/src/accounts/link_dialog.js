import {Component, useState} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

/** Shows secret links once, each with a button that copies it. */
export class LinkDialog extends Component {
    static template = "huolie_base.LinkDialog";
    static props = {"*": true};

    setup() {
        this.notification = useService("notification");
        this.action = useService("action");
        this.state = useState({copied: ""});
    }

    get params() {
        return this.props.action.params;
    }

    async copy(text) {
        try {
            await browser.navigator.clipboard.writeText(text);
        } catch {
            // Without https the clipboard is closed: select it for the hand.
            this.selectAndCopy(text);
        }
        this.state.copied = text;
        this.notification.add(_t("Copied"), {type: "success"});
    }

    selectAndCopy(text) {
        const area = document.createElement("textarea");
        area.value = text;
        document.body.appendChild(area);
        area.select();
        document.execCommand("copy");
        area.remove();
    }

    copyAll() {
        const lines = this.params.links.map((row) => `${row.label} ${row.link}`.trim());
        return this.copy(lines.join("\n"));
    }

    async close() {
        await this.action.doAction({type: "ir.actions.act_window_close"});
    }
}

registry.category("actions").add("huolie_base.link_dialog", LinkDialog);
