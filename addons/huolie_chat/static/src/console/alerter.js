// An alert that cannot be missed: sound, desktop notice and title, again and again
// until the conversation is opened (C1).

import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";

const REPEAT_MS = 8000;
const FLASH_MS = 1000;
const SOUND_KEY = "huolie.sound";

export class Alerter {
    /**
     * @param {Object} title Odoo's title service
     * @param {Function} onOpen (conversation id) => void, when a notice is clicked
     */
    constructor(title, onOpen) {
        Object.assign(this, {title, onOpen});
        this.audio = null;
        this.repeating = null;
        this.flashing = null;
        this.waiting = [];
    }

    get sound() {
        return browser.localStorage.getItem(SOUND_KEY) !== "off";
    }

    set sound(on) {
        browser.localStorage.setItem(SOUND_KEY, on ? "on" : "off");
    }

    /** Browsers allow sound and ask about notices only after a click. */
    unlock() {
        const Audio = window.AudioContext || window.webkitAudioContext;
        this.audio = this.audio || (Audio ? new Audio() : null);
        this.audio?.resume?.();
        if (window.Notification?.permission === "default") {
            Notification.requestPermission().catch(() => {});
        }
    }

    /** Two short tones: a new visitor. One: a new message. */
    play(kind = "visitor") {
        if (!this.sound || !this.audio || this.audio.state !== "running") {
            return;
        }
        const tones = kind === "visitor" ? [880, 1174, 880, 1174] : [660];
        tones.forEach((hz, index) => this.tone(hz, index * 0.16));
    }

    tone(hz, delay) {
        const at = this.audio.currentTime + delay;
        const gain = this.audio.createGain();
        const wave = this.audio.createOscillator();
        wave.frequency.value = hz;
        gain.gain.setValueAtTime(0.0001, at);
        gain.gain.exponentialRampToValueAtTime(0.25, at + 0.02);
        gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.15);
        wave.connect(gain).connect(this.audio.destination);
        wave.start(at);
        wave.stop(at + 0.16);
    }

    notify(id, title, body) {
        if (document.hasFocus() || window.Notification?.permission !== "granted") {
            return;
        }
        try {
            const notice = new Notification(title, {body, tag: `huolie-${id}`});
            notice.onclick = () => {
                window.focus();
                this.onOpen(id);
                notice.close();
            };
        } catch {
            // Android's Chrome allows notices from service workers only.
        }
    }

    /** Keep alerting about these conversations until the list is empty. */
    setWaiting(ids) {
        const grew = ids.some((id) => !this.waiting.includes(id));
        this.waiting = [...ids];
        if (!ids.length) {
            this.stop();
            return;
        }
        if (grew) {
            this.play();
        }
        this.repeating =
            this.repeating || browser.setInterval(() => this.play(), REPEAT_MS);
        this.flashing =
            this.flashing || browser.setInterval(() => this.flash(), FLASH_MS);
    }

    flash() {
        this.flashOn = !this.flashOn;
        this.title.setParts({
            huolie: this.flashOn && !document.hasFocus() ? _t("New visitor!") : null,
        });
    }

    stop() {
        browser.clearInterval(this.repeating);
        browser.clearInterval(this.flashing);
        this.repeating = this.flashing = null;
        this.waiting = [];
        this.title.setParts({huolie: null});
    }

    setUnread(count) {
        this.title.setCounters({huolie: count});
    }
}
