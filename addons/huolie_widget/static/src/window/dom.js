/* Making elements. Text from anybody goes in as text, never as markup. */

/**
 * Make an element: h("button.x", {onclick: fn, type: "button"}, "text" or [nodes]).
 * Attributes that begin with "on" are listeners; false and null ones are left out.
 */
function h(name, attrs, content) {
    var parts = name.split(".");
    var node = D.createElement(parts[0]);
    if (parts[1]) {
        node.className = "h-" + parts.slice(1).join(" h-");
    }
    Object.keys(attrs || {}).forEach(function (key) {
        var value = attrs[key];
        if (key.slice(0, 2) === "on") {
            node.addEventListener(key.slice(2), value);
        } else if (value !== false && value !== null && value !== undefined) {
            node.setAttribute(key, value === true ? "" : value);
        }
    });
    fill(node, content);
    return node;
}

function fill(node, content) {
    []
        .concat(content === undefined || content === null ? [] : content)
        .forEach(function (part) {
            if (part) {
                node.appendChild(part.nodeType ? part : D.createTextNode(String(part)));
            }
        });
    return node;
}

function empty(node) {
    while (node.firstChild) {
        node.removeChild(node.firstChild);
    }
    return node;
}

/** A line icon from one path. */
function icon(d) {
    var svg = D.createElementNS("http://www.w3.org/2000/svg", "svg");
    var path = D.createElementNS("http://www.w3.org/2000/svg", "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("class", "h-icon");
    path.setAttribute("d", d);
    svg.appendChild(path);
    return svg;
}

/** A button that is only an icon: its name is for those who hear the page. */
function iconButton(name, d, label, fn) {
    return h(
        "button." + name,
        {type: "button", "aria-label": label, title: label, onclick: fn},
        icon(d)
    );
}

/** Text with its http(s) addresses made into links. */
function linked(text) {
    var out = [];
    var pattern = /https?:\/\/[^\s<>"'\u3000-\u303f\uff00-\uffef]+/g;
    var from = 0;
    var found;
    while ((found = pattern.exec(text))) {
        out.push(text.slice(from, found.index), anchor(found[0], found[0]));
        from = found.index + found[0].length;
    }
    out.push(text.slice(from));
    return out;
}

/** A link that tells the other side nothing and may only lead to the web. */
function anchor(url, content, name) {
    return /^https?:\/\//i.test(url)
        ? h(
              "a" + (name || ""),
              {href: url, target: "_blank", rel: "noopener noreferrer nofollow"},
              content
          )
        : h("span", {}, content);
}

/** The address of a file of ours: only paths on our server are taken (and, for the
 *  preview beside the settings, a picture that is not saved yet). */
function ours(path) {
    if (/^data:image\/(png|jpeg|gif|webp);base64,/.test(path || "")) {
        return path;
    }
    return /^\/[^/\\]/.test(path || "") ? H.base + path : "";
}
