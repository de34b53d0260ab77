import {registry} from "@web/core/registry";

/** Settings are one row per enterprise: ask the model which, and open its form. */
async function openForm(env, action) {
    return env.services.orm.call(action.params.model, "action_open", []);
}

registry.category("actions").add("huolie_chat.open_form", openForm);
