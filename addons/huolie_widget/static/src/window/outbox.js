/* Messages on their way: one after the other, each with a name of its own, so that
   the same message sent again is stored once. They survive a reload. */

/**
 * @param {Function} carry (item, done) brings one item to the server; done(status, answer)
 * @param {Function} changed called when an item's state changed
 */
function Outbox(carry, changed) {
    this.carry = carry;
    this.changed = changed;
    this.items = [];
    this.busy = false;
    this.timer = null;
}

Outbox.RETRIES = 6;

Outbox.prototype.put = function (item) {
    item.st = "sending";
    item.tries = 0;
    this.items.push(item);
    this.save();
    this.run();
};

/** Try all failed ones again, for example when the line is back. */
Outbox.prototype.again = function (item) {
    this.items.forEach(function (one) {
        if ((!item || one === item) && one.st === "failed" && !one.refused) {
            one.st = "sending";
            one.tries = 0;
        }
    });
    clearTimeout(this.timer);
    this.changed();
    this.run();
};

Outbox.prototype.run = function () {
    var self = this;
    var item = this.items.filter(function (one) {
        return one.st === "sending";
    })[0];
    if (!item || this.busy) {
        return;
    }
    this.busy = true;
    this.carry(item, function (status, answer) {
        self.busy = false;
        self.arrived(item, status, answer);
    });
};

Outbox.prototype.arrived = function (item, status, answer) {
    if (status === 200) {
        this.drop(item, answer);
    } else if (status === 0 || status === 429 || status >= 500) {
        this.retry(item, status);
        return;
    } else {
        item.st = "failed";
        item.refused = answer.error || "other";
        this.save();
    }
    this.changed(item);
    this.run();
};

Outbox.prototype.drop = function (item, answer) {
    item.st = "sent";
    item.s = answer.s;
    item.t = answer.t || item.t;
    this.items.splice(this.items.indexOf(item), 1);
    this.save();
};

/** Wait 1, 2, 4 … seconds; after six tries leave it to the visitor. */
Outbox.prototype.retry = function (item, status) {
    var self = this;
    item.tries += 1;
    if (item.tries > Outbox.RETRIES) {
        item.st = "failed";
        item.slow = status === 429;
        this.changed(item);
        this.run();
        return;
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(
        function () {
            self.run();
        },
        1000 * Math.pow(2, item.tries - 1) * (0.8 + Math.random() * 0.4)
    );
    this.changed(item);
};

/** Files cannot be kept in the storage; texts and picks are. */
Outbox.prototype.save = function () {
    H.keep({
        out: this.items
            .filter(function (item) {
                return !item.file && !item.refused;
            })
            .map(function (item) {
                return {u: item.u, k: item.k, b: item.b, p: item.p, t: item.t};
            }),
    });
};

/** What an earlier page did not bring to its end. */
Outbox.prototype.restore = function () {
    return (H.recall().out || []).filter(function (item) {
        return H.now() - item.t < 86400000;
    });
};
