// What a page does beyond its forms. Every form works without this, but for passkeys.
"use strict";

const find = (selector, within = document) => [...within.querySelectorAll(selector)];
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const named = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

function creation(options) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const user = { ...options.user, id: bytes(options.user.id) };
  return { ...options, challenge: bytes(options.challenge), user, excludeCredentials: named(options.excludeCredentials) };
}

function request(options) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return { ...options, challenge: bytes(options.challenge), allowCredentials: named(options.allowCredentials) };
}

function answer(credential) {
  if (credential.toJSON) return credential.toJSON();
  const given = credential.response;
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (given[name]) response[name] = text(given[name]);
  }
  if (given.getTransports) response.transports = given.getTransports();
  const id = credential.id;
  return { id, rawId: id, type: credential.type, response, clientExtensionResults: credential.getClientExtensionResults() };
}

// What to ask the device for; when the person has to sign in again first, the page does that.
async function options(form) {
  const csrf = form.elements.csrf.value;
  const reply = await fetch(form.action, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrf },
    body: JSON.stringify({ form: "passkey-options" }),
  });
  if (reply.status === 401) {
    location.assign("/.account/sign-in?again=1&next=" + encodeURIComponent(location.pathname + location.search));
    return null;
  }
  if (!reply.ok) throw new Error(String(reply.status));
  return reply.json();
}

let waiting = new AbortController();

async function passkey(form) {
  const wanted = await options(form);
  if (!wanted) return;
  waiting.abort();
  waiting = new AbortController();
  const credential =
    form.dataset.passkey === "create"
      ? await navigator.credentials.create({ publicKey: creation(wanted) })
      : await navigator.credentials.get({ publicKey: request(wanted) });
  form.elements.response.value = JSON.stringify(answer(credential));
  form.submit();
}

// The browser offers passkeys where it offers passwords, as soon as the field is entered.
async function autofill(form) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  const wanted = await options(form);
  if (!wanted) return;
  const publicKey = request(wanted);
  const credential = await navigator.credentials.get({ publicKey, mediation: "conditional", signal: waiting.signal });
  form.elements.response.value = JSON.stringify(answer(credential));
  form.submit();
}

for (const form of find("form[data-passkey]")) {
  const able = Boolean(window.PublicKeyCredential);
  form.hidden = !able;
  for (const one of find("[data-unable]")) one.hidden = able;
  for (const one of find("[data-or]")) one.hidden = !able;
  if (!able) continue;
  const failed = form.querySelector("[data-failed]");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    failed.hidden = true;
    passkey(form).catch(() => {
      failed.textContent = failed.dataset.failed;
      failed.hidden = false;
    });
  });
  // Who does not choose a passkey there just goes on with the form.
  if (form.dataset.passkey === "get") autofill(form).catch(() => undefined);
}

// With a passkey there is no password to fill in.
for (const set of find("fieldset[data-script=way]")) {
  const able = Boolean(window.PublicKeyCredential);
  const secret = set.closest("form").elements.password;
  const show = () => {
    const chosen = set.querySelector("input:checked").value;
    secret.closest(".field").hidden = chosen === "passkey";
    secret.required = chosen !== "passkey";
  };
  set.classList.add("able");
  set.hidden = !able;
  if (able && !document.getElementById("errors")) set.querySelector("input[value=passkey]").checked = true;
  set.addEventListener("change", show);
  show();
}

// Folders are picked only where they are asked for.
for (const form of find("form.allow")) {
  const placed = form.querySelector("[data-placed]") !== null;
  const show = () => {
    const scope = form.querySelector("input[name=scope]:checked")?.value;
    for (const name of ["folders", "other"]) {
      const part = form.querySelector(`[name=${name}]`)?.closest("fieldset, .field");
      if (part) part.hidden = scope === "everything" || (scope === "asked" && placed);
    }
  };
  form.addEventListener("change", show);
  show();
}

for (const button of find("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
    button.textContent = button.dataset.copied;
  });
}

for (const button of find("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

document.getElementById("errors")?.focus();
