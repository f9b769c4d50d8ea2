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

  // [data-passkey], [data-passkey-new]: before the form is sent, the browser asks
  // for the person's passkey, and what it answers goes with the form (WebAuthn
  // Level 3, 5.1.3 and 5.1.4).
  var bytes = function (text) {
    var s = atob(text.replace(/-/g, "+").replace(/_/g, "/")), out = new Uint8Array(s.length);
    for (var i = 0; i < s.length; i++) out[i] = s.charCodeAt(i);
    return out;
  };
  var coded = function (buffer) {
    return btoa(String.fromCharCode.apply(null, new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };
  var credentials = function (list) {
    return (list || []).map(function (c) { return Object.assign({}, c, { id: bytes(c.id) }); });
  };
  var answered = function (key) {
    var r = key.response, out = { clientDataJSON: coded(r.clientDataJSON) };
    if (r.attestationObject) {
      out.attestationObject = coded(r.attestationObject);
      out.transports = r.getTransports ? r.getTransports() : [];
    } else {
      out.authenticatorData = coded(r.authenticatorData);
      out.signature = coded(r.signature);
      if (r.userHandle) out.userHandle = coded(r.userHandle);
    }
    return JSON.stringify({ id: key.id, rawId: coded(key.rawId), type: key.type, response: out, clientExtensionResults: {} });
  };
  var askPasskey = function (options) {
    var o = options.publicKey;
    o.challenge = bytes(o.challenge);
    if (o.user) {
      o.user.id = bytes(o.user.id);
      o.excludeCredentials = credentials(o.excludeCredentials);
      return navigator.credentials.create({ publicKey: o });
    }
    o.allowCredentials = credentials(o.allowCredentials);
    return navigator.credentials.get({ publicKey: o });
  };
  var passkeyWords = function (error, adding) {
    if (error.says) return error.says;
    if (error.name === "NotAllowedError") return "Your passkey gave no answer: it was cancelled, took too long, or none of yours is at hand. Nothing was recorded; try again.";
    if (error.name === "InvalidStateError" && adding) return "This authenticator has a passkey of yours for this place already.";
    if (error.name === "NotSupportedError") return "This authenticator cannot make a key that is taken here. Use another one.";
    return "Your browser could not use a passkey here. Nothing was recorded.";
  };
  document.addEventListener("submit", function (event) {
    var form = event.target, adding = form.getAttribute("data-passkey-new"), href = adding || form.getAttribute("data-passkey");
    if (!href || form.elements.answer.value) return;
    var decision = new FormData(form).get("decision");
    if (!adding && decision !== form.getAttribute("data-passkey-for")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.hasAttribute("data-asking")) return;
    form.setAttribute("data-asking", "");
    var says = form.querySelector("[data-passkey-says]"), button = event.submitter;
    says.hidden = true;
    var body = new URLSearchParams(new FormData(form));
    if (!window.PublicKeyCredential) { body = null; }
    var asked = body ? fetch(href, { method: "POST", body: body, credentials: "same-origin", headers: { Accept: "application/json" } }) : Promise.reject({ says: "Your browser does not know passkeys. Use a newer one to sign off here." });
    asked.then(function (response) {
      return response.json().catch(function () { throw { says: "The question to your passkey could not be had. Load the page again; nothing was recorded." }; });
    }).then(function (question) {
      if (question.says) throw question;
      form.elements.challenge.value = question.challenge;
      return askPasskey(question.options);
    }).then(function (key) {
      form.elements.answer.value = answered(key);
      form.removeAttribute("data-asking");
      form.requestSubmit(button && button.form === form ? button : undefined);
      // What was answered is answered once: the next attempt asks again.
      setTimeout(function () { form.elements.answer.value = ""; }, 0);
    }).catch(function (error) {
      form.removeAttribute("data-asking");
      says.textContent = passkeyWords(error, adding);
      says.hidden = false;
    });
  }, true);

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
  // [data-inbox]: a list that looks now and then whether it is still right, while
  // somebody looks at it. What left it is told; that it could not look is not.
  var inbox = function (event) { return event.target.closest && event.target.closest("[data-inbox]"); };
  var rows = function (list) {
    return [].map.call(list.querySelectorAll(".cs-duty"), function (row) { return { id: row.id, says: row.querySelector("h3").textContent.trim(), at: row.contains(document.activeElement) }; });
  };
  var before = null, looked = Date.now();
  var look = function () {
    var list = document.querySelector("[data-inbox]");
    if (!list || document.hidden || document.querySelector("dialog[open]") || Date.now() - looked < 25000) return;
    looked = Date.now();
    window.htmx.trigger(list, "look");
  };
  setInterval(look, 30000);
  document.addEventListener("visibilitychange", look);
  document.addEventListener("htmx:beforeSwap", function (event) {
    if (!inbox(event)) return;
    if (event.detail.xhr.status >= 300) { event.detail.shouldSwap = false; return; }
    before = { rows: rows(event.target), waiting: event.target.getAttribute("data-waiting") };
  });
  document.addEventListener("htmx:afterSettle", function () {
    var list = document.querySelector("[data-inbox]");
    if (!before || !list) return;
    var had = before, now = rows(list).map(function (row) { return row.id; });
    before = null;
    // On a page that goes on, a row may only have been pushed to the next.
    var number = function (text) { return +text.replace(/\D/g, ""); };
    var fewer = number(had.waiting) - number(list.getAttribute("data-waiting"));
    var gone = had.rows.filter(function (row) { return now.indexOf(row.id) < 0; });
    if (list.querySelector("[rel=next]")) gone = gone.slice(0, Math.max(0, fewer));
    if (gone.length > 0) {
      live((gone.length === 1 ? "One thing left your list: " : gone.length + " things left your list: ") + gone.map(function (row) { return row.says; }).join("; ") + ".");
      // Where the row was that had the focus, there is the next one now.
      had.rows.forEach(function (row, at) {
        var links = list.querySelectorAll(".cs-duty h3 a");
        if (row.at && now.indexOf(row.id) < 0 && links.length > 0) links[Math.min(at, links.length - 1)].focus();
      });
    }
    document.querySelectorAll("nav a[href='/'] .cs-count").forEach(function (count) {
      count.firstChild.textContent = list.getAttribute("data-waiting");
      count.hidden = list.getAttribute("data-waiting") === "0";
    });
  });
  // [data-follow]: the row of a list that looks for what came; of a long list the oldest go.
  document.addEventListener("htmx:afterSettle", function () {
    var row = document.querySelector("[data-follow]");
    if (!row) return;
    [].slice.call(row.parentNode.children, 201).forEach(function (old) { if (!old.contains(document.activeElement)) old.remove(); });
  });

  ["htmx:responseError", "htmx:sendError", "htmx:timeout"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      if (inbox(event) || event.target.closest && event.target.closest("[data-quiet]")) return;
      live("That did not work. Nothing was changed. Please try again.");
    });
  });

  document.documentElement.classList.add("cs-js");
  focusIn(document);
})();
