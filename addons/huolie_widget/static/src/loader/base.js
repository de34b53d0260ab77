/* Where we are: server, device, language, and the few helpers both files share. */
/* C, W and D (configuration, window, document) come from the wrapper of build.mjs. */

var NAME = "huolie";

/** The script tag we came by: it tells the server's address and carries a nonce. */
function ownTag() {
    var all = D.getElementsByTagName("script");
    var i = all.length;
    if (D.currentScript) {
        return D.currentScript;
    }
    while (i--) {
        if (all[i].src.indexOf("/huolie/w/" + C.k) > 0) {
            return all[i];
        }
    }
    return {src: ""};
}

var tag = ownTag();
var base = tag.src.split("/huolie/w/")[0];
var nonce = tag.nonce;
var phone = W.innerWidth <= 640 || /Mobi/.test(navigator.userAgent);
var look = (phone && C.m) || C.d;

/* The stand-alone chat page: no button, the window fills the page. */
C.page = tag.getAttribute && tag.getAttribute("data-page");
if (C.page) {
    look.style = "none";
    look.window = "standard";
}

var lang = pickLanguage(C.lang || D.documentElement.lang || navigator.language);

/** One of the three languages we speak, from any language tag. */
function pickLanguage(code) {
    if (/^zh\b/i.test(code)) {
        return /hant|tw|hk|mo/i.test(code) ? "zh-TW" : "zh-CN";
    }
    return code ? "en" : "zh-CN";
}

function now() {
    return +new Date();
}

/** A random name of 20 signs: tabs, messages. */
function random() {
    var out = "";
    while (out.length < 20) {
        out += Math.random().toString(36).slice(2);
    }
    return out.slice(0, 20);
}

var listeners = {};

/** Call fn at every event of that name; returns the public object for chaining. */
function on(name, fn) {
    (listeners[name] = listeners[name] || []).push(fn);
    return W[NAME];
}

/** Tell the listeners; what the host page's functions throw must not stop us. */
function emit(name, value) {
    (listeners[name] || []).slice().forEach(function (fn) {
        try {
            fn(value);
        } catch (error) {
            setTimeout(function () {
                throw error;
            });
        }
    });
}
