import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useService} from "@web/core/utils/hooks";
import {Component, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";
import {createConversation} from "./store";
import {Thread} from "./thread";

/** What was said, in a record's form: the console's thread, to read only (C11). */
export class Transcript extends Component {
    static template = "huolie_chat.Transcript";
    static components = {Thread};
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.state = useState({conv: null});
        onWillStart(() => this.load(this.props.record));
        onWillUpdateProps((next) => {
            if (next.record.resId !== this.state.conv?.id) {
                return this.load(next.record);
            }
        });
    }

    async load(record) {
        const events = await this.orm.call("huolie.console", "transcript", [
            record.resId,
        ]);
        this.state.conv = Object.assign(createConversation(record.resId), {
            events,
            loaded: true,
            complete: true,
            state: "closed",
            seq: events.length,
        });
    }
}

registry.category("view_widgets").add("huolie_transcript", {component: Transcript});
