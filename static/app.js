// What htmx and HTML do not do by themselves. No page needs it to work.
(function () {
  "use strict";

  var live = function (text) {
    var region = document.getElementById("cs-live");
    if (!region || !text) return;
    region.textContent = "";
    // An empty frame between two equal texts makes the second one heard too.
    setTimeout(function () { region.textContent = text; }, 50);
  };

  // [data-focus]: takes the focus when it appears (an error summary, a receipt).
  var focusIn = function (root) {
    var target = root.matches && root.matches("[data-focus]") ? root : root.querySelector("[data-focus]");
    if (!target) return false;
    if (!target.hasAttribute("tabindex")) target.setAttribute("tabindex", "-1");
    target.focus();
    return true;
  };

  // A form is sent once: its buttons are disabled after the event, so that the
  // pressed button's own name and value still go with it.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method === "dialog" || form.hasAttribute("data-many")) return;
    if (form.getAttribute("data-sent") === "yes") { event.preventDefault(); return; }
    if (event.defaultPrevented && !form.matches("[hx-post],[hx-put],[hx-patch],[hx-delete]")) return;
    if ((form.getAttribute("method") || "get").toLowerCase() !== "post") return;
    form.setAttribute("data-sent", "yes");
    setTimeout(function () {
      form.querySelectorAll("button:not([type=button])").forEach(function (b) {
        if (!b.disabled) { b.disabled = true; b.setAttribute("data-held", ""); }
      });
    }, 0);
  });
  var release = function (form) {
    form.removeAttribute("data-sent");
    form.querySelectorAll("button[data-held]").forEach(function (b) { b.disabled = false; b.removeAttribute("data-held"); });
  };
  document.addEventListener("htmx:afterRequest", function (event) {
    var form = event.target.closest && event.target.closest("form");
    if (form) release(form);
  });
  // The back button brings a page back with its buttons still disabled.
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) document.querySelectorAll("form[data-sent]").forEach(release);
  });

  // [data-print] prints; it is hidden by the stylesheet where scripts do not run.
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-print]")) window.print();
  });

  // [data-drop]: files may be dropped on a file input, which then says how many there are.
  document.querySelectorAll("[data-drop]").forEach(function (zone) {
    var input = zone.querySelector("input[type=file]"), text = zone.querySelector("[data-drop-text]"), first = text.textContent;
    var say = function () {
      var n = input.files.length;
      text.textContent = n === 0 ? first : n === 1 ? "1 file: " + input.files[0].name : n + " files chosen";
      if (n > 0) live(text.textContent);
    };
    ["dragenter", "dragover", "dragleave", "drop"].forEach(function (name) {
      zone.addEventListener(name, function (event) {
        event.preventDefault();
        zone.classList.toggle("cs-drop-over", name === "dragenter" || name === "dragover");
        if (name === "drop" && event.dataTransfer.files.length > 0) { input.files = event.dataTransfer.files; say(); }
      });
    });
    input.addEventListener("change", say);
    say();
  });

  // [data-continue]: a form that goes on with what takes several steps.
  document.querySelectorAll("form[data-continue]").forEach(function (form) { setTimeout(function () { form.requestSubmit(); }, 200); });

  // Focus survives a swap: the same id again, else [data-focus] of what came,
  // else the target itself. [data-announce] of what came is read out.
  var focused = null;
  document.addEventListener("htmx:beforeSwap", function () {
    focused = document.activeElement && document.activeElement !== document.body ? document.activeElement : null;
  });
  document.addEventListener("htmx:afterSettle", function (event) {
    var came = event.detail.elt || event.target;
    if (!came || !came.querySelector) return;
    var said = came.matches("[data-announce]") ? came : came.querySelector("[data-announce]");
    if (said) live(said.getAttribute("data-announce"));
    var lost = focused && !document.contains(focused);
    var again = lost && focused.id ? document.getElementById(focused.id) : null;
    if (again) { again.focus(); }
    else if (!focusIn(came) && lost) { came.setAttribute("tabindex", "-1"); came.focus(); }
    focused = null;
  });
  ["htmx:responseError", "htmx:sendError", "htmx:timeout"].forEach(function (name) {
    document.addEventListener(name, function () {
      live("That did not work. Nothing was changed. Please try again.");
    });
  });

  document.documentElement.classList.add("cs-js");
  focusIn(document);
})();
