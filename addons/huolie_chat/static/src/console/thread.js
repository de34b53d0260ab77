import {_t} from "@web/core/l10n/translation";
import {useService} from "@web/core/utils/hooks";
import {browser} from "@web/core/browser/browser";
import {
    Component,
    onWillUnmount,
    useEffect,
    useExternalListener,
    useRef,
    useState,
} from "@odoo/owl";
import {findContacts, formatSize, splitLinks} from "./text";
import {isSystem, typingOf} from "./store";

const {DateTime} = luxon;
const RECALL_MS = 2 * 60 * 1000;
const NEAR_END_PX = 60;

/** The messages of a conversation, every kind of the contract, plain text only. */
export class Thread extends Component {
    static template = "huolie_chat.Thread";
    static props = {conv: Object, onContacts: Function};

    setup() {
        this.desk = useService("huolie_desk");
        this.conv = useState(this.props.conv);
        this.scroller = useRef("scroller");
        this.splitLinks = splitLinks;
        this.formatSize = formatSize;
        this.isSystem = isSystem;
        this.state = useState({now: Date.now(), atEnd: true, picture: null});
        this.clock = browser.setInterval(() => this.tick(), 1000);
        onWillUnmount(() => browser.clearInterval(this.clock));
        useExternalListener(window, "keydown", (ev) => {
            if (ev.key === "Escape" && this.state.picture) {
                this.state.picture = null;
            }
        });
        useEffect(
            () => this.stick(true),
            () => [this.conv.id, this.conv.loaded]
        );
        useEffect(
            () => this.stick(false),
            () => [this.conv.events.length, this.conv.pending.length, this.typing]
        );
    }

    /** Draw again only where time changes something: typing, or a recall's two minutes. */
    tick() {
        const now = Date.now();
        const since = now - RECALL_MS - 2000;
        const isRecent = (event) => event.a === "agent" && event.t > since;
        const isTyping = this.conv.typing && this.conv.typing.until > now - 2000;
        if (isTyping || this.conv.events.some(isRecent)) {
            this.state.now = now;
        }
    }

    // -------------------------------------------------------- scrolling

    stick(force) {
        const el = this.scroller.el;
        if (el && (force || this.state.atEnd)) {
            el.scrollTop = el.scrollHeight;
        }
    }

    async onScroll() {
        const el = this.scroller.el;
        this.state.atEnd =
            el.scrollHeight - el.scrollTop - el.clientHeight < NEAR_END_PX;
        if (el.scrollTop < 40 && !this.conv.complete) {
            const height = el.scrollHeight;
            await this.desk.loadOlder(this.conv).catch(() => {});
            await new Promise((done) => browser.requestAnimationFrame(done));
            if (this.scroller.el) {
                this.scroller.el.scrollTop += this.scroller.el.scrollHeight - height;
            }
        }
    }

    // ---------------------------------------------------------- drawing

    get typing() {
        const typing = typingOf(this.conv, this.state.now);
        return typing ? typing.text || _t("is typing…") : null;
    }

    /** Events with a day line in front of the first of each day. */
    get rows() {
        let day = null;
        return this.conv.events.map((event) => {
            const of = DateTime.fromMillis(event.t || 0).toISODate();
            const row = {event, day: of === day ? null : this.dayName(event.t)};
            day = of;
            return row;
        });
    }

    dayName(ms) {
        const date = DateTime.fromMillis(ms || 0);
        const days = DateTime.now()
            .startOf("day")
            .diff(date.startOf("day"), "days").days;
        if (days === 0) {
            return _t("Today");
        }
        return days === 1 ? _t("Yesterday") : date.toLocaleString(DateTime.DATE_FULL);
    }

    timeOf(ms) {
        return DateTime.fromMillis(ms || 0).toFormat("HH:mm");
    }

    side(event) {
        return event.a === "visitor" ? "o_hl_left" : "o_hl_right";
    }

    kindClass(event) {
        return {
            o_hl_robot: event.a === "robot",
            o_hl_note: event.k === "note",
            o_hl_failed: event.status === "failed",
            o_hl_sending: event.status === "sending",
            o_hl_media: ["image"].includes(event.k) && !event.r,
        };
    }

    authorName(event) {
        if (event.a === "robot") {
            return event.n || _t("Robot");
        }
        const mine = event.n === this.desk.store.me?.name;
        return event.a === "agent" && !mine ? event.n || "" : "";
    }

    /** A line of the middle column: who came, went, closed, rated. */
    systemText(event) {
        const p = event.p || {};
        const name = p.name || event.n || "";
        const texts = {
            opened: () => _t("Conversation began"),
            waiting: () => _t("Waiting for an agent"),
            human: () => _t("The visitor asks for a person"),
            joined: () => _t("%s joined", name),
            transferred: () =>
                p.note
                    ? _t("Handed over to %(name)s: %(note)s", {name, note: p.note})
                    : _t("Handed over to %s", name),
            left: () => (name ? _t("%s left", name) : _t("The agent left")),
            closed: () => this.closedText(p.reason),
            rated: () => this.ratedText(p),
            recalled: () => _t("%s recalled a message", name || _t("Agent")),
        };
        return texts[event.k] ? texts[event.k]() : event.b;
    }

    closedText(reason) {
        const texts = {
            agent: _t("Ended by the agent"),
            visitor: _t("Ended by the visitor"),
            idle: _t("Ended by itself after silence"),
            wait: _t("Waited too long"),
            left: _t("Visitor left the queue"),
            full: _t("Queue was full"),
            nobody: _t("Nobody was online"),
            form: _t("Left a message instead"),
            freeze: _t("Enterprise frozen"),
        };
        return texts[reason] || _t("Conversation ended");
    }

    ratedText({score, solved, text}) {
        const stars =
            "★".repeat(score || 0) + "☆".repeat(Math.max(0, 5 - (score || 0)));
        const words = [_t("Rated %s", stars)];
        if (solved === true) {
            words.push(_t("solved"));
        } else if (solved === false) {
            words.push(_t("not solved"));
        }
        return words.concat(text || []).join(" · ");
    }

    items(event) {
        const {items = [], more = [], buttons = []} = event.p || {};
        return [...items, ...more, ...buttons];
    }

    contacts(event) {
        if (event.a !== "visitor" || event.k !== "text") {
            return [];
        }
        const labels = {phone: _t("Phone"), email: _t("E-mail"), wechat: _t("WeChat")};
        const card = this.conv;
        return Object.entries(findContacts(event.b))
            .filter(([key, value]) => card[key] !== value)
            .map(([key, value]) => ({key, value, label: labels[key]}));
    }

    isRead(event) {
        return event.a === "agent" && event.s <= this.conv.visitorRead;
    }

    canRecall(event) {
        return (
            event.a === "agent" &&
            event.s &&
            !event.r &&
            ["text", "image", "file"].includes(event.k) &&
            this.conv.state !== "closed" &&
            this.state.now - event.t < RECALL_MS
        );
    }
}
