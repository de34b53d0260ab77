import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useService} from "@web/core/utils/hooks";
import {
    Component,
    onMounted,
    onWillStart,
    onWillUnmount,
    useExternalListener,
    useState,
} from "@odoo/owl";
import {Composer} from "./composer";
import {KeysDialog, TransferDialog} from "./dialogs";
import {Thread} from "./thread";
import {VisitorCard} from "./visitor_card";
import {formatDuration} from "./text";
import {nextWaiting, sortConversations, sortedMine, sortedQueue} from "./store";

const {DateTime} = luxon;
const LATE_MS = 60 * 1000;
const OTHERS_MS = 5000;

/** 对话: the agent's workplace (C1). State lives in the desk service. */
export class HuolieConsole extends Component {
    static template = "huolie_chat.Console";
    static components = {Composer, Dropdown, DropdownItem, Thread, VisitorCard};
    static props = {...standardActionServiceProps};

    setup() {
        this.desk = useService("huolie_desk");
        this.dialog = useService("dialog");
        this.action = useService("action");
        this.store = useState(this.desk.store);
        this.state = useState({
            now: Date.now(),
            tab: "mine",
            pane: "list", // on a phone: list | thread | card
            dragging: false,
            sound: this.desk.alerter.sound,
            failed: false,
        });
        onWillStart(() => this.start());
        onMounted(() => {
            this.clock = browser.setInterval(() => this.tick(), 1000);
            if (this.store.openId) {
                this.open(this.store.openId);
            }
        });
        onWillUnmount(() => {
            browser.clearInterval(this.clock);
            this.store.openId = null;
        });
        useExternalListener(window, "keydown", (ev) => this.onKey(ev), {capture: true});
    }

    async start() {
        this.state.failed = false;
        try {
            await this.desk.start();
        } catch (error) {
            this.state.failed = error.data?.message || error.message || "?";
            return;
        }
        const wanted = this.props.action.params?.conversation_id;
        if (wanted) {
            this.store.openId = wanted;
        }
    }

    tick() {
        this.state.now = Date.now();
        const due = this.state.now - (this.othersAt || 0) > OTHERS_MS;
        if (this.state.tab === "others" && due && this.store.visible) {
            this.othersAt = this.state.now;
            this.desk.refreshOthers().catch(() => {});
        }
    }

    // ------------------------------------------------------------ lists

    get me() {
        return this.store.me || {};
    }

    get current() {
        return this.store.openId ? this.store.conversations[this.store.openId] : null;
    }

    get rows() {
        if (this.state.tab === "queue") {
            return sortedQueue(this.store);
        }
        if (this.state.tab === "others") {
            return sortConversations(
                this.store.others.map((id) => this.store.conversations[id])
            );
        }
        return sortedMine(this.store);
    }

    get tabs() {
        const tabs = [
            {key: "mine", label: _t("Mine"), count: this.store.mine.length},
            {key: "queue", label: _t("Queue"), count: this.store.queue.length},
        ];
        if (this.store.rights?.supervise) {
            tabs.push({key: "others", label: _t("Colleagues"), count: 0});
        }
        return tabs;
    }

    setTab(key) {
        this.state.tab = key;
        this.othersAt = 0;
    }

    waited(conv) {
        const since = conv.state === "waiting" ? conv.waitingSince : conv.owed;
        return since ? formatDuration((this.state.now - since) / 1000) : "";
    }

    isLate(conv) {
        const since = conv.state === "waiting" ? conv.waitingSince : conv.owed;
        return Boolean(since) && this.state.now - since > LATE_MS;
    }

    lastTime(conv) {
        if (!conv.lastAt) {
            return "";
        }
        const date = DateTime.fromMillis(conv.lastAt);
        const today = DateTime.now().startOf("day") <= date;
        return date.toFormat(today ? "HH:mm" : "MM-dd");
    }

    initial(conv) {
        return (
            [...(conv.name || "?").trim()].find((char) => /\p{L}/u.test(char)) || "#"
        );
    }

    colour(conv) {
        return `o_hl_colour_${conv.id % 6}`;
    }

    // ----------------------------------------------------------- status

    get statuses() {
        return [
            {key: "online", label: _t("Online"), hint: _t("New visitors come to you")},
            {key: "busy", label: _t("Busy"), hint: _t("No new visitors for now")},
            {key: "rest", label: _t("On a break"), hint: _t("No new visitors for now")},
            {key: "offline", label: _t("Offline"), hint: _t("You are not receiving")},
        ];
    }

    get status() {
        const key = this.me.status || "offline";
        return this.statuses.find((status) => status.key === key);
    }

    setStatus(key) {
        return this.desk.setStatus(key);
    }

    get soundTitle() {
        return this.state.sound ? _t("Sound is on") : _t("Sound is off");
    }

    toggleSound() {
        this.state.sound = !this.state.sound;
        this.desk.alerter.sound = this.state.sound;
        if (this.state.sound) {
            this.desk.alerter.unlock();
            this.desk.alerter.play();
        }
    }

    goTo(xmlid) {
        return this.action.doAction(xmlid);
    }

    // ----------------------------------------------------- conversation

    async open(id) {
        this.state.pane = id ? "thread" : "list";
        await this.desk.open(id);
    }

    back() {
        this.state.pane = "list";
        this.store.openId = null;
    }

    get isMine() {
        return this.store.mine.includes(this.store.openId);
    }

    get canWrite() {
        const conv = this.current;
        return conv && conv.state === "open" && this.isMine;
    }

    /** A supervisor who watches leaves notes for the agent. */
    get canWhisper() {
        const conv = this.current;
        return conv && conv.state === "open" && Boolean(this.store.rights?.supervise);
    }

    async take(conv) {
        await this.desk.act("take", conv.id);
        this.state.tab = "mine";
        await this.open(conv.id);
    }

    close(conv) {
        this.dialog.add(ConfirmationDialog, {
            title: _t("End the conversation?"),
            body: _t("The visitor is asked how it was. You can still read it later."),
            confirmLabel: _t("End it"),
            cancelLabel: _t("Go on talking"),
            confirm: () => this.desk.act("close", conv.id),
            cancel: () => {},
        });
    }

    transfer(conv) {
        this.dialog.add(TransferDialog, {conv});
    }

    showKeys() {
        this.dialog.add(KeysDialog, {});
    }

    async onContacts(vals) {
        const conv = this.current;
        await this.desk.orm.call("huolie.console", "save_card", [conv.id, vals]);
        Object.assign(conv, vals);
        conv.cardVersion = (conv.cardVersion || 0) + 1;
    }

    // -------------------------------------------------- keys and files

    onKey(ev) {
        const inDialog = document.querySelector(".modal.show, .o_dialog .modal");
        const plain = !ev.shiftKey && !ev.ctrlKey && !ev.altKey && !ev.metaKey;
        const inBox = ev.target.matches?.(".o_hl_box textarea");
        const isFree = ev.target === document.body || inBox;
        if (ev.key !== "Tab" || !plain || inDialog || !isFree) {
            return;
        }
        if (inBox && ev.target.value.startsWith("/")) {
            return;
        }
        const id = nextWaiting(this.store);
        if (id && id !== this.store.openId) {
            ev.preventDefault();
            ev.stopPropagation();
            this.state.tab = "mine";
            this.open(id);
        }
    }

    onDrop(ev) {
        this.state.dragging = false;
        if (this.canWrite) {
            this.desk.sendFiles(this.current, [...ev.dataTransfer.files]);
        }
    }
}

registry.category("actions").add("huolie_chat.console", HuolieConsole);
