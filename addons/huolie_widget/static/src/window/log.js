/* The conversation as this tab knows it: what came, in order, once. */

/**
 * @param {Function} missing (c, s) is called when an event after s has not come
 */
function Log(missing) {
    this.items = {};
    this.pending = [];
    this.last = {};
    this.missing = missing;
}

/**
 * Take events of any conversation, in any order, any number of times.
 * @return {Array} the events that are new to us
 */
Log.prototype.add = function (events) {
    var self = this;
    var fresh = events.filter(function (event) {
        return event.s && self.take(event);
    });
    fresh.forEach(function (event) {
        self.advance(event.c);
    });
    return fresh;
};

Log.prototype.take = function (event) {
    var key = event.c + ":" + event.s;
    var own = this.pendingOf(event.u);
    if (this.items[key]) {
        return false;
    }
    this.items[key] = event;
    if (event.r) {
        this.recall(event.c, event.s);
    }
    if (own) {
        this.pending.splice(this.pending.indexOf(own), 1);
        event.key = own.key;
    }
    if (event.k === "recalled" && event.p && event.p.s) {
        this.recall(event.c, event.p.s);
    }
    return true;
};

/** The body of a recalled message is dropped, wherever it came from. */
Log.prototype.recall = function (c, s) {
    var item = this.items[c + ":" + s];
    if (item) {
        item.k = "gone";
        item.b = "";
        item.p = null;
        item.version = 1;
    }
};

Log.prototype.pendingOf = function (u) {
    return (
        u &&
        this.pending.filter(function (item) {
            return item.u === u;
        })[0]
    );
};

/** The highest number known of a conversation. */
Log.prototype.top = function (c) {
    var items = this.items;
    return Object.keys(items).reduce(function (top, key) {
        return items[key].c === c ? Math.max(top, items[key].s) : top;
    }, 0);
};

/** Move the mark "all up to here is known"; ask for what lies between. */
Log.prototype.advance = function (c) {
    var items = this.items;
    var top = this.top(c);
    while (items[c + ":" + ((this.last[c] || 0) + 1)]) {
        this.last[c] = (this.last[c] || 0) + 1;
    }
    if (top > (this.last[c] || 0)) {
        this.missing(c, this.last[c] || 0);
    }
};

/** What the server does not show us (notes among agents) leaves holes: pass over them. */
Log.prototype.skip = function (c) {
    this.last[c] = this.top(c);
};

/** A whole conversation was answered: nothing before its first event is missed. */
Log.prototype.begin = function (c, events) {
    var first = events.reduce(function (min, event) {
        return event.c === c && event.s ? Math.min(min, event.s) : min;
    }, Infinity);
    if (first < Infinity && !this.last[c]) {
        this.last[c] = first - 1;
    }
    return this.add(events);
};

/** All to be shown: by conversation and number, then what is on its way. */
Log.prototype.list = function () {
    var items = this.items;
    return Object.keys(items)
        .map(function (key) {
            return items[key];
        })
        .sort(function (a, b) {
            return a.c - b.c || a.s - b.s;
        })
        .concat(this.pending);
};
