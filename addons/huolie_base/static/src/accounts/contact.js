import {loadJS} from "@web/core/assets";
import {registry} from "@web/core/registry";
import {Component} from "@odoo/owl";
import {useService} from "@web/core/utils/hooks";
import {session} from "@web/session";

const LAST = "huolie_contact_last";

/**
 * "Contact us" (A12): the house enterprise's own widget, loaded when first asked for and
 * out of sight again when its window is closed. The person is signed in as a customer.
 */
export const contactService = {
    dependencies: ["orm"],
    start(env, {orm}) {
        let opened = null;

        /** Another person of this browser must not find the conversation before. */
        function forgetOthers(contact) {
            const storage = window.localStorage;
            const last = storage.getItem(LAST);
            if (last && last !== contact.who.id) {
                Object.keys(storage)
                    .filter((key) => key.startsWith(`huolie:${contact.key}`))
                    .forEach((key) => storage.removeItem(key));
            }
            storage.setItem(LAST, contact.who.id);
        }

        async function load() {
            const contact = await orm.call("huolie.enterprise", "get_contact", []);
            if (contact.script) {
                forgetOthers(contact);
                window.huolie = [
                    ["identify", contact.who],
                    ["set", contact.facts],
                    ["on", "closed", () => window.huolie.hide()],
                ];
                await loadJS(contact.script).catch(() => {});
            }
            return contact;
        }

        return {
            async open() {
                opened = opened || load();
                const contact = await opened;
                if (contact.script && window.huolie.open) {
                    window.huolie.show();
                    window.huolie.open();
                } else if (contact.url) {
                    opened = null;
                    window.open(contact.url, "_blank", "noopener");
                }
            },
        };
    },
};

/** A button in the top bar: help is one click away on every screen. */
export class ContactButton extends Component {
    static template = "huolie_base.ContactButton";
    static props = {};

    setup() {
        this.contact = useService("huolie_contact");
    }
}

if (session.is_tenant) {
    registry.category("services").add("huolie_contact", contactService);
    registry
        .category("systray")
        .add("huolie_base.contact", {Component: ContactButton}, {sequence: 29});
}
