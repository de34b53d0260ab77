import {Chatter} from "@mail/chatter/web_portal/chatter";
import {patch} from "@web/core/utils/patch";
import {session} from "@web/session";

patch(Chatter.prototype, {
    /** People of enterprises write notes; followers and mail are the ERP's. */
    get isTenant() {
        return Boolean(session.is_tenant);
    },
});
