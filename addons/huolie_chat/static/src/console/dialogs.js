import {Dialog} from "@web/core/dialog/dialog";
import {useService} from "@web/core/utils/hooks";
import {Component, onWillStart, useState} from "@odoo/owl";

/** Hand a conversation to a colleague or a group, with a note (C7). */
export class TransferDialog extends Component {
    static template = "huolie_chat.TransferDialog";
    static components = {Dialog};
    static props = {conv: Object, close: Function};

    setup() {
        this.orm = useService("orm");
        this.desk = useService("huolie_desk");
        this.state = useState({targets: null, chosen: null, note: "", busy: false});
        onWillStart(async () => {
            this.state.targets = await this.orm.call(
                "huolie.console",
                "transfer_targets",
                [this.props.conv.id]
            );
        });
    }

    key(target) {
        return `${target.kind}-${target.id}`;
    }

    async apply() {
        const {kind, id} = this.state.chosen;
        this.state.busy = true;
        try {
            await this.desk.act(
                "transfer",
                this.props.conv.id,
                kind,
                id,
                this.state.note
            );
            this.props.close();
        } finally {
            this.state.busy = false;
        }
    }
}

/** Which keys do what. */
export class KeysDialog extends Component {
    static template = "huolie_chat.KeysDialog";
    static components = {Dialog};
    static props = {close: Function};
}
