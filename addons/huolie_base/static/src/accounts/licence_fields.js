import {Component, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {BinaryField, binaryField} from "@web/views/fields/binary/binary_field";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

const MOST_BYTES = 10 * 1024 * 1024;
// How files of the three kinds begin, in base64: JPEG, PNG, PDF.
const BEGINNINGS = ["/9j/", "iVBORw0KGgo", "JVBERi0"];

/** Says at once what is wrong with a file; the server checks again. */
export class LicenceUpload extends BinaryField {
    static template = "huolie_base.LicenceUpload";

    setup() {
        super.setup();
        this.state = useState({fault: ""});
    }

    getFault({data, size}) {
        if (!size || !data) {
            return _t("This file is empty. Please choose another.");
        }
        if (size > MOST_BYTES) {
            return _t("This file is larger than 10 MB. Please choose a smaller one.");
        }
        if (!BEGINNINGS.some((beginning) => data.startsWith(beginning))) {
            return _t("Please choose a JPG or PNG picture or a PDF document.");
        }
        return "";
    }

    update(file) {
        this.state.fault = this.getFault(file);
        if (!this.state.fault) {
            return super.update(file);
        }
    }
}

export const licenceUpload = {...binaryField, component: LicenceUpload};

/** Shows the stored licence; the route behind it logs every viewing. */
export class LicenceView extends Component {
    static template = "huolie_base.LicenceView";
    static props = {...standardFieldProps};

    get mime() {
        return this.props.record.data[this.props.name];
    }

    get url() {
        const stamp = this.props.record.data.licence_name || "";
        const id = this.props.record.resId;
        return `/huolie/licence/${id}?name=${encodeURIComponent(stamp)}`;
    }

    get viewer() {
        return `/web/static/lib/pdfjs/web/viewer.html?file=${encodeURIComponent(this.url)}`;
    }
}

export const licenceView = {component: LicenceView, supportedTypes: ["char"]};

registry.category("fields").add("huolie_licence_upload", licenceUpload);
registry.category("fields").add("huolie_licence_view", licenceView);
