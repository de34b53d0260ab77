import {_t} from "@web/core/l10n/translation";
import {Record} from "@web/model/relational_model/record";
import {patch} from "@web/core/utils/patch";

patch(Record.prototype, {
    /** Odoo's own words have no Chinese yet, and do not say where to look. */
    _displayInvalidFieldNotification() {
        return this.model.notification.add(_t("Please fill in what is marked red."), {
            type: "danger",
        });
    },
});
