import {Component, onMounted, onPatched, useRef, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {useDebounced} from "@web/core/utils/timing";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

const PAGE = "/huolie_widget/static/preview/preview.html";
// Sizes of the browsers that are played, in CSS pixels, and what they are scaled by.
const SIZES = {
    desk: {width: 1000, height: 720, scale: 0.5},
    phone: {width: 375, height: 667, scale: 0.72},
};

/** Values of a record and of the lines in it, without what points back to the client. */
function plain(record) {
    return Object.values(record.data).map((value) => {
        if (value && value.records) {
            return value.records.map(plain);
        }
        return value && typeof value === "object" ? value.id || value.ts || 0 : value;
    });
}

/** The widget itself, in a small browser beside its settings, with unsaved values. */
export class HuoliePreviewField extends Component {
    static template = "huolie_widget.PreviewField";
    static props = {...standardFieldProps};

    setup() {
        this.orm = useService("orm");
        this.frame = useRef("frame");
        this.state = useState({device: "desk", view: "button", failed: false});
        this.shown = "";
        this.refresh = useDebounced(() => this.load(), 350);
        onMounted(() => this.load());
        onPatched(() => this.refresh());
    }

    get size() {
        return SIZES[this.state.device];
    }

    get views() {
        return [
            ["button", _t("Button")],
            ["window", _t("Window")],
            ["form", _t("Message form")],
        ];
    }

    get boxStyle() {
        const {width, height, scale} = this.size;
        return `width:${width * scale}px;height:${height * scale}px`;
    }

    get frameStyle() {
        const {width, height, scale} = this.size;
        return `width:${width}px;height:${height}px;transform:scale(${scale})`;
    }

    /** All values of the form in one text; reading it makes this component follow it. */
    get changes() {
        return JSON.stringify(plain(this.props.record));
    }

    async load() {
        const record = this.props.record;
        let config = null;
        try {
            const changes = await record.getChanges({withReadonly: true});
            config = await this.orm.call("huolie.site", "get_preview_config", [
                record.resId ? [record.resId] : [],
                changes,
            ]);
            this.state.failed = false;
        } catch {
            // half-typed values are refused by the server; the form says so on saving
            this.state.failed = true;
            return;
        }
        const {device, view} = this.state;
        const wanted = JSON.stringify({config, device, view});
        if (wanted !== this.shown && this.frame.el) {
            this.shown = wanted;
            // the number makes the page load anew: the hash alone would not
            const number = ++HuoliePreviewField.loads;
            this.frame.el.src = `${PAGE}?n=${number}#${encodeURIComponent(wanted)}`;
        }
    }
}
HuoliePreviewField.loads = 0;

registry.category("fields").add("huolie_preview", {
    component: HuoliePreviewField,
    displayName: _t("Preview of the widget"),
    supportedTypes: ["char"],
});
