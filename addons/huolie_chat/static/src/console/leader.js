// Several tabs of the backend, one poll: a browser opens only six connections to a
// server, and each parked poll holds one. The tab that holds the lock polls and tells
// the others what came; when it closes, the next one takes over, and the tab that the
// agent looks at takes the lock from the others.

/**
 * @param {Object} parts
 * @param {string} parts.name one name per agent
 * @param {Function} parts.onLead () => void, this tab polls from now on
 * @param {Function} parts.onLose () => void, another tab polls from now on
 * @param {Function} parts.onNews (events) => void, what the polling tab got
 * @param {Function} parts.onLine (line) => void, state of the polling tab's line
 * @param {Object} [parts.locks] navigator.locks, or null where it is missing
 * @param {Function} [parts.Channel] BroadcastChannel
 */
export class Leader {
    constructor({name, onLead, onLose, onNews, onLine, locks, Channel}) {
        Object.assign(this, {name, onLead, onLose, onNews, onLine});
        this.locks = locks === undefined ? globalThis.navigator?.locks : locks;
        const Kind = Channel === undefined ? globalThis.BroadcastChannel : Channel;
        this.channel = this.locks && Kind ? new Kind(name) : null;
        this.isLeader = false;
    }

    /** Poll now, or wait until the polling tab is gone. */
    start() {
        if (!this.channel) {
            this.lead();
            return;
        }
        this.channel.onmessage = ({data}) => this.hear(data);
        this.channel.postMessage({ask: true});
        this.queueUp();
    }

    /** This tab is looked at: it polls. */
    claim() {
        if (this.channel && !this.isLeader) {
            this.queued?.abort();
            this.ask({steal: true});
        }
    }

    /** Wait until the polling tab is gone. */
    queueUp() {
        this.queued = new AbortController();
        this.ask({signal: this.queued.signal});
    }

    /** The lock is held until this tab is closed or another one takes it. */
    async ask(options) {
        let held = false;
        try {
            await this.locks.request(this.name, options, () => {
                held = true;
                this.lead();
                return new Promise(() => {});
            });
        } catch {
            if (held) {
                this.isLeader = false;
                this.onLose();
                this.queueUp();
            }
        }
    }

    lead() {
        this.isLeader = true;
        this.onLead();
    }

    hear(data) {
        if (this.isLeader) {
            if (data.ask && this.line) {
                this.channel.postMessage({line: this.line});
            }
        } else if (data.line) {
            this.onLine(data.line);
        } else if (data.events) {
            this.onNews(data.events);
        }
    }

    /** The polling tab passes on what it got. */
    tell(events) {
        if (this.isLeader && events.length) {
            this.channel?.postMessage({events});
        }
    }

    tellLine(line) {
        if (this.isLeader && line !== this.line) {
            this.line = line;
            this.channel?.postMessage({line});
        }
    }
}
