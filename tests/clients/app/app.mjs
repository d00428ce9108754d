// A small app on unmodified libraries. What it knows stands on its page, and in `app` for whoever drives it.
import { Session } from "@inrupt/solid-client-authn-browser";
import { WebsocketNotification } from "@inrupt/solid-client-notifications";
import * as rdf from "rdflib";

const session = new Session();
const parameters = new URLSearchParams(location.search);
const asked = parameters.get("issuer") ? Object.fromEntries(parameters) : null;

function tell(text) {
  document.getElementById("state").textContent = text;
}

/** Sign in: the page is left, and comes back with an answer. */
async function signIn({ issuer, client, scopes }) {
  await session.login({
    oidcIssuer: issuer,
    clientId: client,
    clientName: "Notebook",
    redirectUrl: `${location.origin}/`,
    customScopes: scopes ? scopes.split(" ") : undefined,
  });
}

/** The status and the text of an answer to the person who is signed in. */
async function ask(url, options = {}) {
  const answer = await session.fetch(url, options);
  const header = (name) => answer.headers.get(name);
  return { status: answer.status, text: await answer.text(), link: header("link"), etag: header("etag") };
}

/** What solid-client-notifications hears of something, in the order in which it comes, once it is connected. */
async function follow(url) {
  const heard = [];
  const socket = new WebsocketNotification(url, { fetch: session.fetch });
  socket.on("message", (message) => heard.push(message));
  await new Promise((resolve, reject) => {
    socket.on("connected", resolve);
    socket.on("error", reject);
    socket.connect();
  });
  return heard;
}

/** A store of rdflib.js that has loaded the document, and loads it again whenever that changes. */
async function mirror(url) {
  const store = rdf.graph();
  new rdf.Fetcher(store, { fetch: session.fetch });
  const updater = new rdf.UpdateManager(store);
  await store.fetcher.load(url);
  updater.addDownstreamChangeListener(rdf.sym(url), () => {});
  const values = (predicate) => store.statementsMatching(null, rdf.sym(predicate)).map((one) => one.object.value);
  return { store, updater, values };
}

async function begin() {
  if (asked) return signIn(asked);
  await session.handleIncomingRedirect({ restorePreviousSession: true });
  tell(session.info.isLoggedIn ? `Signed in as ${session.info.webId}` : "Signed out");
  return undefined;
}

window.app = { session, ask, follow, mirror, rdf };
// The library tells through this event what the identity provider refused.
session.events.on("error", (code, text) => {
  document.getElementById("error").textContent = `${code}: ${text}`;
});
begin().catch((error) => tell(`Failed: ${error.message}`));
