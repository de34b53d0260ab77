import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

/** Buttons `data-copy` inside HTML of the server: they copy their text. */
export const copyButtonService = {
    dependencies: ["notification"],
    start(env, {notification}) {
        async function copy(button) {
            try {
                await navigator.clipboard.writeText(button.dataset.copy);
                notification.add(_t("Copied"), {type: "success"});
            } catch {
                // No clipboard without https: mark the text instead.
                getSelection().selectAllChildren(button.previousElementSibling);
                notification.add(_t("Press Ctrl+C to copy"), {type: "info"});
            }
        }
        document.addEventListener("click", (event) => {
            const button = event.target.closest?.(".o_huolie_copy[data-copy]");
            if (button) {
                event.preventDefault();
                copy(button);
            }
        });
    },
};

registry.category("services").add("huolie_copy_button", copyButtonService);
