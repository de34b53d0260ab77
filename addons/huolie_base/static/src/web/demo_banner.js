/* Operators' pages say it when the duty of two-factor sign-in is off (demos). */
import {Component, xml} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {session} from "@web/session";

export class DemoBanner extends Component {
    static template = xml`
        <div class="huolie_demo_banner alert alert-warning rounded-0 m-0 px-3 py-1 text-center" role="alert" t-out="text"/>`;
    static props = {"*": true};

    get text() {
        return _t(
            "Demo: operators sign in without a second factor. Switch it on before real work: Settings › Registration and trial."
        );
    }
}

if (session.huolie_two_factor_off) {
    registry
        .category("main_components")
        .add("huolie_demo_banner", {Component: DemoBanner}, {sequence: 1});
}
