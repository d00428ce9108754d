// Keeps a page up to date: when the server says that it has become another, it is asked for anew, and what differs is
// put in its place. What has the focus, and what stands where, stays. Without this the page has a link that does it all.
"use strict";

{
  const place = document.getElementById("live");
  const main = document.getElementById("main");
  const again = place.querySelector(".again");
  const state = place.querySelector("[data-state]");
  const news = place.querySelector("[data-news]");
  const SHORTEST = 1000;
  const LONGEST = 60_000;
  const NAMES = 3;
  const MARKED = 6000;
  // A server that is asked for a page takes at most this part of the time to make it.
  const SHARE = 10;

  let source = null;
  let pause = SHORTEST;
  let retrying = 0;
  let stale = false;
  let asking = false;
  let next = 0;
  let waiting = 0;
  let touching = false;
  let pointer = null;
  let over = false;

  const say = (text, lost) => {
    if (state.textContent !== text) state.textContent = text;
    state.hidden = false;
    state.classList.toggle("lost", lost);
    again.hidden = !lost;
    if (lost) news.textContent = text;
    else if (news.textContent === place.dataset.lost) news.textContent = text;
  };

  // The stream.

  function connect() {
    clearTimeout(retrying);
    if (over || document.hidden || source) return;
    source = new EventSource(place.dataset.live);
    source.addEventListener("opened", () => {
      say(place.dataset.on, false);
      // One that ends at once again and again is not a connection.
      retrying = setTimeout(() => (pause = SHORTEST), LONGEST / 6);
    });
    source.addEventListener("changed", () => {
      stale = true;
      refresh();
    });
    source.addEventListener("error", lose);
  }

  function disconnect() {
    clearTimeout(retrying);
    source?.close();
    source = null;
  }

  function lose() {
    disconnect();
    if (over || document.hidden) return;
    say(place.dataset.lost, true);
    retrying = setTimeout(connect, pause * (0.75 + Math.random() / 2));
    pause = Math.min(pause * 2, LONGEST);
  }

  // The page.

  async function refresh() {
    if (asking || over || document.hidden) return;
    const wait = next - performance.now();
    clearTimeout(waiting);
    if (wait > 0 || touching) {
      waiting = setTimeout(refresh, Math.max(wait, touching ? 250 : 0));
      return;
    }
    asking = true;
    stale = false;
    const begun = performance.now();
    try {
      await renew();
    } catch {
      stale = true;
      lose();
    }
    const taken = performance.now() - begun;
    asking = false;
    next = performance.now() + Math.max(SHORTEST, SHARE * taken);
    if (stale && source) refresh();
  }

  async function renew() {
    const headers = { Accept: "text/html", "X-CSRF-Token": place.dataset.csrf };
    const reply = await fetch(location.href, { headers, redirect: "manual", cache: "no-store" });
    if (reply.type === "opaqueredirect") {
      // Nobody is signed in any longer: what is shown here is not to be seen.
      over = true;
      disconnect();
      location.reload();
      return;
    }
    if (reply.status >= 500 || reply.status === 429) throw new Error(String(reply.status));
    show(new DOMParser().parseFromString(await reply.text(), "text/html"));
  }

  function show(page) {
    const fresh = page.getElementById("live");
    const before = rows();
    settled(() => merge(main, page.getElementById("main")));
    document.title = page.title;
    if (fresh) {
      for (const name of ["live", "csrf"]) place.dataset[name] = fresh.dataset[name];
    } else {
      // The page is one that does not change any more, such as that there is nothing here.
      over = true;
      disconnect();
      state.hidden = again.hidden = true;
      news.textContent = page.title;
      return;
    }
    announce(before, rows());
  }

  // What is told to those who do not see it, and shown to those who do.

  const rows = () =>
    new Map([...main.querySelectorAll("[data-name]")].map((one) => [one.dataset.key, [one.dataset.name, one.textContent]]));

  function announce(before, after) {
    const named = (from, holds) => [...from].filter(holds).map(([key, [name]]) => [key, name]);
    const added = named(after, ([key]) => !before.has(key));
    const gone = named(before, ([key]) => !after.has(key));
    const changed = named(after, ([key, [, text]]) => before.has(key) && before.get(key)[1] !== text);
    // What leaves a part of a list may only have come to the next part.
    const moved = main.querySelector("[data-part]") && (added.length || gone.length) ? place.dataset.list : "";
    const moves = moved ? [moved] : [told_of("new", added), told_of("gone", gone)];
    const told = [...moves, told_of("changed", changed)].filter(Boolean);
    if (told.length) news.textContent = told.join(" ");
    const keys = new Set([...added, ...changed].map(([key]) => key));
    for (const one of main.querySelectorAll("[data-name]")) {
      if (!keys.has(one.dataset.key)) continue;
      one.dataset.fresh = "";
      setTimeout(() => delete one.dataset.fresh, MARKED);
    }
  }

  function told_of(what, found) {
    if (!found.length) return "";
    const names = found.slice(0, NAMES).map(([, name]) => name);
    if (found.length > NAMES) names.push(place.dataset.more.replace("{count}", () => String(found.length - NAMES)));
    return place.dataset[what].replace("{names}", () => names.join(", "));
  }

  // What somebody looks at, points at or has the focus on stays where it is on the screen, and keeps the focus.

  function settled(change) {
    const focused = main.contains(document.activeElement) ? document.activeElement : null;
    const row = focused?.closest("[data-key]");
    const near = row ? neighbours(row) : [];
    const anchor = anchored(focused);
    const top = anchor?.getBoundingClientRect().top;
    change();
    if (anchor?.isConnected) scrollBy(0, anchor.getBoundingClientRect().top - top);
    if (focused && document.activeElement !== focused) {
      const other = near.find((one) => one.isConnected)?.querySelector("a, button");
      (focused.isConnected ? focused : other ?? main).focus({ preventScroll: true });
    }
  }

  function neighbours(row) {
    const all = [...row.parentElement.children];
    const at = all.indexOf(row);
    return [...all.slice(at + 1), ...all.slice(0, at).reverse()];
  }

  function anchored(focused) {
    const visible = (one) => {
      const box = one.getBoundingClientRect();
      return box.bottom > 0 && box.top < innerHeight;
    };
    if (focused && visible(focused)) return focused;
    const pointed = pointer && document.elementFromPoint(...pointer)?.closest("[data-key]");
    if (pointed) return pointed;
    // At the top of the page what is new is to be seen.
    return scrollY > 0 ? [...main.querySelectorAll("[data-key]")].find(visible) : null;
  }

  // Makes one element the other, with as little as can be.

  const key = (node) => (node.nodeType === Node.ELEMENT_NODE ? (node.dataset.key ?? node.id) || null : null);
  const fits = (old, fresh) => old.nodeName === fresh.nodeName && key(old) === key(fresh);

  function merge(old, fresh) {
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.data !== fresh.data) old.data = fresh.data;
      return;
    }
    if (old.isEqualNode(fresh)) return;
    attributes(old, fresh);
    children(old, fresh);
  }

  // What scripts and people have set stays: what is open, hidden, marked, or filled in.
  const KEPT = new Set(["open", "hidden", "data-fresh", "tabindex"]);

  function attributes(old, fresh) {
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && !KEPT.has(name)) old.removeAttribute(name);
    }
    for (const { name, value } of [...fresh.attributes]) {
      if (old.getAttribute(name) !== value && !KEPT.has(name)) old.setAttribute(name, value);
    }
  }

  // White space between elements says nothing, and is left where it is.
  const counts = (node) => node.nodeType === Node.ELEMENT_NODE || node.data.trim() !== "";
  const parts = (node) => [...node.childNodes].filter(counts);

  function following(node) {
    let found = node.nextSibling;
    while (found && !counts(found)) found = found.nextSibling;
    return found;
  }

  function children(old, fresh) {
    const wanted = new Set(parts(fresh).map(key).filter(Boolean));
    for (const one of parts(old)) if (key(one) && !wanted.has(key(one))) one.remove();
    const keyed = new Map(parts(old).filter(key).map((one) => [key(one), one]));
    let at = parts(old)[0] ?? null;
    for (const one of parts(fresh)) {
      const match = key(one) ? keyed.get(key(one)) : at && fits(at, one) ? at : null;
      if (match && fits(match, one)) {
        at = placed(old, match, at);
        merge(match, one);
      } else {
        old.insertBefore(document.importNode(one, true), at);
      }
    }
    while (at) {
      const gone = at;
      at = following(at);
      gone.remove();
    }
  }

  // Brings a child to where it belongs. What has the focus would lose it by being moved: the others move then.
  function placed(parent, match, at) {
    if (match !== at && match.contains(document.activeElement)) {
      while (at !== match) {
        const one = at;
        at = following(at);
        parent.insertBefore(one, match.nextSibling);
      }
    }
    if (match === at) return following(at);
    parent.insertBefore(match, at);
    return at;
  }

  // When the person is there.

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      disconnect();
      return;
    }
    connect();
    if (stale) refresh();
  });
  addEventListener("online", () => {
    pause = SHORTEST;
    connect();
  });
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", (event) => event.persisted && connect());
  addEventListener("pointerdown", () => (touching = true));
  for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => (touching = false));
  addEventListener("pointermove", (event) => (pointer = [event.clientX, event.clientY]), { passive: true });
  document.addEventListener("pointerleave", () => (pointer = null));

  if (window.EventSource) connect();
}
