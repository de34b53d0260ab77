// The line to the server: one long poll at a time, a signed token renewed when it is
// refused, back-off with jitter when the network is gone. Everything it touches of the
// browser is handed in, so that Node can test it.

const WAIT_S = 25;
const QUICK_MS = 800;
const BACKOFF_MS = [500, 1000, 2000, 4000, 8000, 15000, 30000];

/** An answer of the server that is not a success: `code` is its word for why. */
export class LineError extends Error {
    constructor(code, status, data = {}) {
        super(code);
        this.code = code;
        this.status = status;
        this.data = data;
    }
}

/** Milliseconds before try number `tries` (from 1), spread by `random` in [0, 1). */
export function backoff(tries, random = Math.random) {
    const base = BACKOFF_MS[Math.min(tries, BACKOFF_MS.length) - 1];
    return Math.round(base * (0.5 + random()));
}

export class Transport {
    /**
     * @param {Object} parts
     * @param {Function} parts.getToken async () => {token, poll, …}, may throw
     * @param {Function} parts.getSeen () => {conversation: seq}
     * @param {Function} parts.onEvents (events) => void
     * @param {Function} parts.onLine ("online"|"offline"|"out", detail?) => void
     */
    constructor({getToken, getSeen, onEvents, onLine, fetch, sleep, random}) {
        Object.assign(this, {getToken, getSeen, onEvents, onLine});
        this.fetch = fetch || ((...args) => globalThis.fetch(...args));
        this.sleep = sleep || ((ms) => new Promise((done) => setTimeout(done, ms)));
        this.random = random || Math.random;
        this.now = () => Date.now();
        this.running = false;
        this.session = null;
        this.renewing = null;
        this.abort = null;
        this.wakeUp = null;
        this.tries = 0;
        this.isUp = false;
    }

    start() {
        if (!this.running) {
            this.running = true;
            // a loop that was just stopped may still be on its last poll
            this.done = Promise.resolve(this.done).then(() => this.loop());
        }
    }

    stop() {
        this.running = false;
        this.wake();
    }

    /** Poll again now: the window got focus, the network came back. */
    wake() {
        this.abort?.abort();
        this.wakeUp?.();
    }

    /** Forget the token, so that the next call asks for a new one. */
    forget() {
        this.session = null;
    }

    async getSession() {
        if (!this.session) {
            this.renewing = this.renewing || this.getToken();
            try {
                this.session = await this.renewing;
            } finally {
                this.renewing = null;
            }
        }
        return this.session;
    }

    /** POST with the token; a refused token is renewed once. Throws LineError. */
    async post(path, body, options = {}) {
        try {
            return await this.postOnce(path, body, options);
        } catch (error) {
            if (error.status !== 403 || error.code !== "token") {
                throw error;
            }
            this.forget();
            return this.postOnce(path, body, options);
        }
    }

    async postOnce(path, body, {signal, base = ""} = {}) {
        const {token} = await this.getSession();
        const isForm = typeof FormData !== "undefined" && body instanceof FormData;
        if (isForm) {
            body.set("token", token);
        }
        const response = await this.fetch(base + path, {
            method: "POST",
            body: isForm ? body : JSON.stringify({...body, token}),
            headers: isForm ? undefined : {"Content-Type": "text/plain"},
            credentials: "same-origin",
            signal,
        });
        const data = await response.json().catch(() => ({}));
        if (!response.ok || data.error) {
            // a poll that was parked when its token ran out, or that could not look
            // into the tables, has answered 200 before it knew
            const late = data.error === "token" ? 403 : 503;
            const status = response.ok ? late : response.status;
            throw new LineError(data.error || "server", status, data);
        }
        return data;
    }

    async loop() {
        while (this.running) {
            const wait = await this.step();
            if (wait && this.running) {
                await this.pause(wait);
            }
        }
    }

    /** One poll. Returns the milliseconds to wait before the next one. */
    async step() {
        this.abort = new AbortController();
        const began = this.now();
        // The first answer after a break comes at once, so that people see it is back.
        const wait = this.isUp ? WAIT_S : 0;
        try {
            const {poll} = await this.getSession();
            const data = await this.post(
                "/huolie/poll",
                {seen: this.getSeen(), wait},
                {signal: this.abort.signal, base: poll || ""}
            );
            this.tries = 0;
            this.isUp = true;
            this.onLine("online");
            this.onEvents(data.events || []);
            return wait ? this.getPause(data, this.now() - began) : 0;
        } catch (error) {
            return this.afterError(error);
        }
    }

    /** None, but for a server that asks for one, or answers empty at once. */
    getPause({events = [], retry = 0}, took) {
        const idle = !events.length && took < QUICK_MS ? QUICK_MS : 0;
        return Math.max(Math.round(retry * 1000), idle);
    }

    afterError(error) {
        if (error.name === "AbortError") {
            return 0;
        }
        this.isUp = false;
        if (error.isFinal) {
            this.running = false;
            this.onLine("out", error);
            return 0;
        }
        if (error.status === 403) {
            this.forget();
        }
        this.tries += 1;
        if (this.tries > 1 || !error.status) {
            this.onLine("offline", error);
        }
        return backoff(this.tries, this.random);
    }

    async pause(ms) {
        await Promise.race([
            this.sleep(ms),
            new Promise((resolve) => {
                this.wakeUp = resolve;
            }),
        ]);
        this.wakeUp = null;
    }
}
