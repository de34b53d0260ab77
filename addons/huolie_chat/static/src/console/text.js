// Reading what people write: links, telephone numbers, WeChat names. Pure.

const LINK = /https?:\/\/[^\s<>"'，。；！？、（）]+/g;
const PHONE = /(?<![\d.])(?:\+?86[- ]?)?(1[3-9]\d[- ]?\d{4}[- ]?\d{4})(?!\d)/;
const EMAIL = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/;
const WECHAT =
    /(?:微信号?|weixin|wechat|vx|wx)\s*(?:是|为|[:：])?\s*([a-zA-Z][-\w]{5,19})/i;

/** Cut a text into plain pieces and links: [{text, href?}]. */
export function splitLinks(text) {
    const pieces = [];
    let end = 0;
    for (const match of (text || "").matchAll(LINK)) {
        const link = match[0].replace(/[.,;:!?)]+$/, "");
        if (match.index > end) {
            pieces.push({text: text.slice(end, match.index)});
        }
        pieces.push({text: link, href: link});
        end = match.index + link.length;
    }
    if (end < (text || "").length) {
        pieces.push({text: text.slice(end)});
    }
    return pieces;
}

/** Contacts named in a text: {phone?, email?, wechat?}, for one click into the card. */
export function findContacts(text) {
    const found = {};
    const phone = PHONE.exec(text || "");
    const email = EMAIL.exec(text || "");
    const wechat = WECHAT.exec(text || "");
    if (phone) {
        found.phone = phone[1].replace(/[- ]/g, "");
    }
    if (email) {
        found.email = email[0].replace(/\.$/, "");
    }
    if (wechat) {
        found.wechat = wechat[1];
    }
    return found;
}

/** 75 → "1:15", 3700 → "1:01:40". Negative counts as 0. */
export function formatDuration(seconds) {
    const all = Math.max(0, Math.floor(seconds || 0));
    const pad = (n) => String(n).padStart(2, "0");
    const h = Math.floor(all / 3600);
    const m = Math.floor((all % 3600) / 60);
    return h ? `${h}:${pad(m)}:${pad(all % 60)}` : `${m}:${pad(all % 60)}`;
}

export function formatSize(bytes) {
    if (!bytes) {
        return "";
    }
    const units = ["B", "KB", "MB", "GB"];
    const power = Math.min(3, Math.floor(Math.log(bytes) / Math.log(1024)));
    const value = bytes / 1024 ** power;
    return `${power ? value.toFixed(1) : value} ${units[power]}`;
}

/** Quick replies whose shortcut, title or words fit what follows the "/". */
export function filterReplies(replies, query) {
    const wanted = (query || "").trim().toLowerCase();
    const rank = (reply) => {
        const shortcut = (reply.shortcut || "").toLowerCase();
        if (!wanted || shortcut === wanted) {
            return 0;
        }
        if (shortcut.startsWith(wanted)) {
            return 1;
        }
        if (reply.name.toLowerCase().includes(wanted)) {
            return 2;
        }
        return reply.body.toLowerCase().includes(wanted) ? 3 : 9;
    };
    return replies
        .map((reply, index) => ({reply, index, rank: rank(reply)}))
        .filter((row) => row.rank < 9)
        .sort((a, b) => a.rank - b.rank || a.index - b.index)
        .map((row) => row.reply);
}

/** The text after a leading "/", or null when the box holds something else. */
export function slashQuery(text) {
    const match = /^\/([^\n/]{0,30})$/.exec(text || "");
    return match ? match[1] : null;
}
