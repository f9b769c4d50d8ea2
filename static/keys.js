// Single keys, for whoever has not switched them off on their own page: then this
// is not loaded (WCAG 2.2, 2.1.4). No key sends anything.
(function () {
  "use strict";

  var help = document.getElementById("cs-keys");
  if (!help || !help.showModal) return;

  var typing = function (e) { return e.closest && e.closest("input, textarea, select, [contenteditable]"); };
  var seen = function (e) { return e.checkVisibility ? e.checkVisibility() : e.offsetParent !== null; };
  var first = function (selector, within) {
    return [].filter.call((within || document).querySelectorAll(selector), seen)[0];
  };

  // Rows of [data-keys]: each is held by its first link, which has the focus, so that
  // it is seen, read out and opened like any link.
  var links = function () {
    var rows = document.querySelectorAll("[data-keys] > li, [data-keys] tbody > tr");
    return [].map.call(rows, function (row) { return first("h3 a[href], th a[href], a[href]", row); }).filter(Boolean);
  };
  var row = function () {
    var at = document.activeElement, all = links();
    for (var i = 0; i < all.length; i++) {
      if (all[i] === at || all[i].closest("li, tr").contains(at)) return i;
    }
    return -1;
  };
  var move = function (by) {
    var all = links(), at = row();
    if (all.length === 0) return false;
    at = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by));
    all[at].focus();
    all[at].closest("li, tr").scrollIntoView({ block: "nearest" });
    return true;
  };
  var reach = function (target) {
    if (!target) return false;
    for (var box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    if (!target.matches("a[href], button, input, textarea, select") && !target.hasAttribute("tabindex")) target.setAttribute("tabindex", "-1");
    target.focus();
    target.scrollIntoView({ block: "nearest" });
    return true;
  };

  var does = {
    j: function () { return move(1); },
    k: function () { return move(-1); },
    o: function () { var at = row(); if (at < 0) return false; links()[at].click(); return true; },
    c: function () { return reach(document.querySelector("[data-key-comment], .cs-thread-new textarea")); },
    s: function () { return reach(document.querySelector("[data-key-decide], #decide")); },
    "?": function () { help.showModal(); return true; }
  };

  document.addEventListener("keydown", function (event) {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.shiftKey && event.key !== "?") return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (!Object.prototype.hasOwnProperty.call(does, event.key) || !does[event.key]()) return;
    event.preventDefault();
    taken = true;
  });
  // What sends keys in pieces, such as software that one speaks to, must not write the
  // letter into the field that it led to.
  var taken = false;
  document.addEventListener("keypress", function (event) { if (taken) event.preventDefault(); });
  document.addEventListener("keyup", function () { taken = false; });
  document.querySelectorAll("[data-keys-help]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { help.showModal(); });
  });
})();
