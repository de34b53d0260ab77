/* What must survive a reload, in the host page's own storage (or in memory). */

var KEY = NAME + ":" + C.k;
var memory = {};
var closed;

/** Read one stored text; null where there is none or storage is closed to us. */
function read(part) {
    try {
        if (!closed) {
            return W.localStorage.getItem(KEY + part);
        }
    } catch (error) {
        closed = 1;
    }
    return memory[part] || null;
}

/** Write one text (null removes it). */
function write(part, text) {
    memory[part] = text;
    try {
        if (text === null) {
            W.localStorage.removeItem(KEY + part);
        } else {
            W.localStorage.setItem(KEY + part, text);
        }
    } catch (error) {
        /* full or forbidden: what we wrote is read from memory from now on */
        closed = 1;
    }
}

/** The stored record: token, uid, draft, outbox, form, choices of the visitor. */
function recall() {
    try {
        return Object(JSON.parse(read("")));
    } catch (error) {
        return {};
    }
}

/** Change fields of the stored record; undefined removes a field. */
function keep(values) {
    var all = recall();
    Object.keys(values).forEach(function (name) {
        all[name] = values[name];
    });
    write("", JSON.stringify(all));
}
