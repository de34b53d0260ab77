import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {useAutofocus, useService} from "@web/core/utils/hooks";
import {Component, onWillUpdateProps, useEffect, useRef, useState} from "@odoo/owl";
import {filterReplies, slashQuery} from "./text";
import {EMOJI} from "./emoji";

const ENTER_KEY = "huolie.enter";

/** The answer box: words, quick replies with "/", emoji, files, internal notes (C8). */
export class Composer extends Component {
    static template = "huolie_chat.Composer";
    static props = {conv: Object, onlyNotes: {type: Boolean, optional: true}};

    setup() {
        this.desk = useService("huolie_desk");
        this.emoji = EMOJI;
        this.box = useRef("box");
        this.picker = useRef("picker");
        this.state = useState({
            text: this.props.conv.draft || "",
            note: Boolean(this.props.onlyNotes),
            panel: null,
            marked: 0,
            dragging: false,
            enterSends: browser.localStorage.getItem(ENTER_KEY) !== "ctrl",
        });
        useAutofocus({refName: "box"});
        useEffect(
            () => this.fit(),
            () => [this.state.text]
        );
        onWillUpdateProps(({onlyNotes}) => {
            if (onlyNotes !== this.props.onlyNotes) {
                this.state.note = Boolean(onlyNotes);
            }
        });
    }

    fit() {
        const box = this.box.el;
        if (box) {
            box.style.height = "auto";
            box.style.height = `${Math.min(box.scrollHeight, 180)}px`;
        }
    }

    get placeholder() {
        if (this.state.note) {
            return _t("Only colleagues see this note…");
        }
        return this.state.enterSends
            ? _t("Write an answer. Enter sends, / opens quick replies")
            : _t("Write an answer. Ctrl+Enter sends, / opens quick replies");
    }

    get replies() {
        const query = slashQuery(this.state.text);
        const all = this.desk.store.replies || [];
        if (query !== null) {
            return filterReplies(all, query).slice(0, 8);
        }
        return this.state.panel === "replies" ? all : [];
    }

    get showReplies() {
        return slashQuery(this.state.text) !== null || this.state.panel === "replies";
    }

    onInput(ev) {
        this.state.text = ev.target.value;
        this.state.marked = 0;
        this.props.conv.draft = this.state.text;
        if (this.state.panel === "replies") {
            this.state.panel = null;
        }
        if (!this.state.note && this.state.text && !this.state.text.startsWith("/")) {
            this.desk.typing(this.props.conv);
        }
    }

    onKeydown(ev) {
        if (ev.isComposing || ev.keyCode === 229) {
            return; // an input method is choosing a character
        }
        if (this.showReplies && this.replies.length && this.onReplyKey(ev)) {
            ev.preventDefault();
            return;
        }
        if (ev.key === "Escape") {
            this.state.panel = null;
        } else if (ev.key === "Enter" && this.isSendKey(ev)) {
            ev.preventDefault();
            this.send();
        }
    }

    isSendKey(ev) {
        return this.state.enterSends
            ? !ev.shiftKey && !ev.ctrlKey && !ev.altKey
            : ev.ctrlKey || ev.metaKey;
    }

    onReplyKey(ev) {
        const count = this.replies.length;
        if (ev.key === "ArrowDown" || ev.key === "ArrowUp") {
            const step = ev.key === "ArrowDown" ? 1 : count - 1;
            this.state.marked = (this.state.marked + step) % count;
            return true;
        }
        if (ev.key === "Enter" || (ev.key === "Tab" && !ev.shiftKey)) {
            this.useReply(this.replies[this.state.marked]);
            return true;
        }
        return false;
    }

    useReply(reply) {
        const text = reply.body.replaceAll("{name}", this.props.conv.realName || "");
        this.state.panel = null;
        const isQuery = slashQuery(this.state.text) !== null;
        this.setText(isQuery ? text : this.state.text + text);
    }

    setText(text) {
        this.state.text = text;
        this.props.conv.draft = text;
        this.box.el?.focus();
    }

    addEmoji(char) {
        const box = this.box.el;
        const at = box.selectionStart ?? this.state.text.length;
        const text = this.state.text;
        this.setText(text.slice(0, at) + char + text.slice(box.selectionEnd ?? at));
        browser.setTimeout(() => {
            box.selectionStart = box.selectionEnd = at + char.length;
        });
    }

    toggle(panel) {
        this.state.panel = this.state.panel === panel ? null : panel;
        this.state.marked = 0;
    }

    toggleNote() {
        this.state.note = !this.state.note;
        this.box.el?.focus();
    }

    toggleEnter() {
        this.state.enterSends = !this.state.enterSends;
        browser.localStorage.setItem(
            ENTER_KEY,
            this.state.enterSends ? "enter" : "ctrl"
        );
    }

    send() {
        const text = this.state.text.trim();
        if (!text) {
            return;
        }
        const kind = this.state.note || this.props.onlyNotes ? "note" : "text";
        this.setText("");
        this.state.panel = null;
        this.desk.send(this.props.conv, {k: kind, b: text});
    }

    // ------------------------------------------------------------ files

    addFiles(files) {
        if (!this.props.onlyNotes) {
            this.desk.sendFiles(this.props.conv, files);
        }
    }

    onPick(ev) {
        this.addFiles([...ev.target.files]);
        ev.target.value = "";
    }

    onPaste(ev) {
        const files = [...(ev.clipboardData?.files || [])];
        if (files.length) {
            ev.preventDefault();
            this.addFiles(files);
        }
    }
}
