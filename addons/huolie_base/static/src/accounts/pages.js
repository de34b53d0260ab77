import {Component, onWillStart, useState} from "@odoo/owl";
import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {_t} from "@web/core/l10n/translation";
import {deserializeDateTime, formatDateTime} from "@web/core/l10n/dates";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {Layout} from "@web/search/layout";

/** What the pages of an enterprise share: read from the server, open what is next. */
class EnterprisePage extends Component {
    static components = {Layout};
    static props = {"*": true};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        // Employees of the ERP open these pages too, and have no such service.
        this.contact = this.env.services.huolie_contact;
        this.state = useState({data: null});
        this.display = {controlPanel: {}};
        onWillStart(() => this.load());
    }

    async load() {
        this.state.data = await this.orm.call("huolie.enterprise", this.method, []);
    }

    /**
     * Read again after a dialog. When it leads to another page this one goes away: its
     * answer would never come, and the dialog would wait for it and stay open.
     */
    async reload(closing) {
        if (!closing?.noReload) {
            await this.load();
        }
    }

    /**
     * @param {Object} target a step or button: `action` (xmlid), `call` or `url`
     */
    async open(target) {
        if (target.url) {
            window.open(target.url, target.url.startsWith("/") ? "_self" : "_blank");
        } else if (target.call) {
            const id = this.state.data.id;
            const next = await this.orm.call("huolie.enterprise", target.call, [[id]]);
            await this.action.doAction(next, {
                onClose: (closing) => this.reload(closing),
            });
        } else if (target.action) {
            await this.action.doAction(target.action, {
                onClose: (closing) => this.reload(closing),
            });
        }
    }

    // Days of service are days in China, wherever the reader sits.
    formatMoment(text) {
        const options = {tz: "Asia/Shanghai", format: "yyyy-MM-dd HH:mm"};
        return text ? formatDateTime(deserializeDateTime(text), options) : "";
    }

    get tone() {
        return {
            trial: "info",
            trial_over: "warning",
            serving: "success",
            unserved: "warning",
            frozen: "danger",
            closed: "danger",
        }[this.state.data.stage];
    }

    get daysText() {
        const {stage, days_left: days} = this.state.data;
        if (stage === "trial") {
            return days === 1
                ? _t("The trial ends today")
                : _t("%s days of the trial left", days);
        }
        return stage === "serving" && days ? _t("%s days of service left", days) : "";
    }
}

export class HomePage extends EnterprisePage {
    static template = "huolie_base.HomePage";
    method = "get_home_page";

    get done() {
        return this.state.data.steps.filter((step) => step.done).length;
    }

    get next() {
        return this.state.data.steps.find((step) => !step.done && !step.wait);
    }
}

export class AccountPage extends EnterprisePage {
    static template = "huolie_base.AccountPage";
    method = "get_account_page";

    get csrf() {
        return odoo.csrf_token;
    }

    askClose() {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Close the account"),
            body: _t(
                "Your colleagues will not be able to log in and the button on your website disappears. We are told and close the account when nothing is open. Go on?"
            ),
            confirmLabel: _t("Close the account"),
            confirm: () => this.open({call: "action_ask_close"}),
            cancel: () => {},
        });
    }

    get isAccount() {
        return true;
    }

    get verifyLabel() {
        return {
            none: _t("Verify the enterprise"),
            draft: _t("Go on with the verification"),
            submitted: _t("See the submission"),
            approved: _t("See the verified data"),
            rejected: _t("Correct and submit again"),
            withdrawn: _t("Submit again"),
        }[this.state.data.verification.state];
    }
}

registry.category("actions").add("huolie_base.home", HomePage);
registry.category("actions").add("huolie_base.account", AccountPage);
