// A small app on an unmodified library. What it knows stands on its page, and in `app` for whoever drives it.
import { Session } from "@inrupt/solid-client-authn-browser";

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
  return { status: answer.status, text: await answer.text(), link: answer.headers.get("link") };
}

async function begin() {
  if (asked) return signIn(asked);
  await session.handleIncomingRedirect({ restorePreviousSession: true });
  tell(session.info.isLoggedIn ? `Signed in as ${session.info.webId}` : "Signed out");
  return undefined;
}

window.app = { session, ask };
// The library tells through this event what the identity provider refused.
session.events.on("error", (code, text) => {
  document.getElementById("error").textContent = `${code}: ${text}`;
});
begin().catch((error) => tell(`Failed: ${error.message}`));
