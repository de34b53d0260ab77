/* The button: drawn at once, from inline SVG and properties set one by one, so that it
   needs no style sheet, no font, no picture, and no permission of a content policy. */

var host, root, button, badge;
var unread = 0;
var SVG = "http://www.w3.org/2000/svg";

/** Set style properties through the CSSOM; important, so that the host page's
 *  `div:empty {display: none !important}` and its like do not reach us. */
function paint(node, text) {
    text.split(";").forEach(function (pair) {
        var i = pair.indexOf(":");
        node.style.setProperty(pair.slice(0, i), pair.slice(i + 1), "important");
    });
    return node;
}

function make(name, style) {
    return paint(D.createElement(name), style);
}

function drawIcon() {
    var svg = D.createElementNS(SVG, "svg");
    var path = D.createElementNS(SVG, "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", look.icon);
    path.setAttribute("fill", "currentColor");
    svg.appendChild(path);
    return paint(svg, "width:24px;height:24px;flex:none;display:block");
}

/** Place and shape of the three styles: bar (bottom), round, tab (side). */
function shape() {
    var x = look.side + ":" + look.x + "px";
    if (look.style === "bar") {
        return x + ";bottom:0;height:44px;padding:0 20px;border-radius:8px 8px 0 0";
    }
    if (look.style === "tab") {
        return (
            look.side +
            ":0;bottom:" +
            look.y +
            "px;width:44px;padding:14px 0;flex-direction:column;border-radius:" +
            (look.side === "left" ? "0 8px 8px 0" : "8px 0 0 8px")
        );
    }
    return (
        x +
        ";bottom:" +
        look.y +
        "px;width:56px;height:56px;padding:0;border-radius:28px"
    );
}

function drawText() {
    var text = make(
        "span",
        look.style === "tab"
            ? "writing-mode:vertical-rl;letter-spacing:2px"
            : "white-space:nowrap;max-width:240px;overflow:hidden;text-overflow:ellipsis"
    );
    text.textContent = look.text;
    return text;
}

function drawButton() {
    button = make(
        "button",
        "all:initial;position:fixed;box-sizing:border-box;display:flex;gap:8px;cursor:pointer;" +
            "align-items:center;justify-content:center;font:500 15px/1.2 system-ui,sans-serif;" +
            "z-index:2147483000;box-shadow:0 4px 16px rgba(0,0,0,.24);color:" +
            ink(look.color) +
            ";background:" +
            look.color +
            ";" +
            shape()
    );
    button.type = "button";
    button.setAttribute("part", "button");
    button.setAttribute("aria-haspopup", "dialog");
    button.appendChild(drawIcon());
    if (look.style !== "round") {
        button.appendChild(drawText());
    }
    badge = make(
        "span",
        "display:none;position:absolute;top:-6px;" +
            (look.side === "left" ? "right" : "left") +
            ":-6px;min-width:20px;height:20px;" +
            "padding:0 5px;box-sizing:border-box;border-radius:10px;background:#d6001c;color:#fff;" +
            "font:600 12px/20px system-ui,sans-serif;text-align:center"
    );
    button.appendChild(badge);
    ["mouseenter", "touchstart", "focus"].forEach(function (name) {
        button.addEventListener(name, fetchWindow, {passive: true});
    });
    button.addEventListener("focus", outline);
    button.addEventListener("blur", outline);
    button.addEventListener("click", toggle);
    root.appendChild(button);
    count(unread);
}

/** `all: initial` took the browser's focus ring away: draw one for the keyboard. */
function outline(event) {
    var ring = event.type === "focus";
    try {
        ring = ring && button.matches(":focus-visible");
    } catch (error) {
        /* an engine without :focus-visible shows the ring always */
    }
    paint(
        button,
        "outline:" + (ring ? "3px solid #5b9dff" : "0") + ";outline-offset:2px"
    );
}

/** Put our one element into the page; it takes no room, so nothing moves. */
function draw() {
    host = make(
        "div",
        "all:initial;display:block;position:fixed;width:0;height:0;z-index:2147483000"
    );
    host.id = NAME;
    root = host.attachShadow ? host.attachShadow({mode: "open"}) : host;
    (D.body || D.documentElement).appendChild(host);
    look.style !== "none" && drawButton();
}

/** Show a number of unread messages on the button. */
function count(n) {
    unread = n;
    if (button) {
        paint(badge, "display:" + (n ? "block" : "none"));
        badge.textContent = n > 99 ? "99+" : n;
        button.setAttribute("aria-label", look.text + (n ? " (" + n + ")" : ""));
    }
}

/** Show or hide all we drew. */
function visible(yes) {
    paint(host, "display:" + (yes ? "block" : "none"));
}
