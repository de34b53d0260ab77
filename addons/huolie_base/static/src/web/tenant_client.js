/* The web client for people of enterprises: nothing here runs for anybody else. */
import {browser} from "@web/core/browser/browser";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {patch} from "@web/core/utils/patch";
import {session} from "@web/session";
import {NavBar} from "@web/webclient/navbar/navbar";
import {UserMenu} from "@web/webclient/user_menu/user_menu";
import {WebClient} from "@web/webclient/webclient";
// Imported for its side effect: it registers the handler that is removed below.
import "@web/core/errors/error_handlers";

// Entries of the top bar and of the user's menu that are for people of enterprises;
// whatever other addons of the ERP put there is not.
export const TENANT_SYSTRAY = new Set([
    "burger_menu",
    "web.user_menu",
    "web.debug_mode_menu",
]);
export const TENANT_USER_MENU = new Set(["preferences", "shortcuts", "log_out"]);

const RELOAD_AFTER = 4000;

/** A changed role counts at once on the server; the open page follows here. */
export const rightsService = {
    dependencies: ["bus_service", "notification"],
    start(env, {bus_service, notification}) {
        bus_service.subscribe("huolie.rights", () => {
            notification.add(_t("Your role was changed. The page loads again."), {
                type: "warning",
                sticky: true,
            });
            browser.setTimeout(() => browser.location.assign("/odoo"), RELOAD_AFTER);
        });
        bus_service.start();
    },
};

function isOurs(key) {
    return Boolean(key) && key.startsWith("huolie");
}

if (session.is_tenant) {
    registry.category("services").add("huolie_rights", rightsService);

    // Odoo hides every client error from people who are no employees.
    registry.category("error_handlers").remove("swallowAllVisitorErrors");

    patch(NavBar.prototype, {
        get systrayItems() {
            return super.systrayItems.filter(
                (item) => TENANT_SYSTRAY.has(item.key) || isOurs(item.key)
            );
        },
    });

    // Push goes to devices of employees (mail.push.device); trying it for people of
    // enterprises only showed them an error. The console alerts by itself.
    patch(WebClient.prototype, {
        async _subscribePush() {},
        async _unsubscribePush() {},
    });

    patch(UserMenu.prototype, {
        getElements() {
            return super
                .getElements()
                .filter((item) => TENANT_USER_MENU.has(item.id) || isOurs(item.id));
        },
    });
}
