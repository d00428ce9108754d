// What the client tests share: who signs in, where they may write, and what the server then has.
import assert from "node:assert/strict";
import { Session } from "@inrupt/solid-client-authn-node";

const required = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} must be set; these tests are started by tests/system/test_node_clients.py`);
  return value;
};

export const pod = required("POD");
export const webId = required("WEBID");
export const issuer = required("ISSUER");
/** Somebody else, whom the issuer knows too. */
export const otherWebId = process.env.OTHER_WEBID;
/** How the owner of the pod signs in, where the server itself is the issuer; and a script of theirs. */
export const person = { email: process.env.EMAIL, password: process.env.PASSWORD };
export const script = { clientId: process.env.SCRIPT_ID, clientSecret: process.env.SCRIPT_SECRET };

/** A session of someone whom the issuer knows, as an app on a server gets one. */
export async function signIn(prefix) {
  const session = new Session();
  await session.login({
    oidcIssuer: issuer,
    clientId: required(`${prefix}_CLIENT_ID`),
    clientSecret: required(`${prefix}_CLIENT_SECRET`),
  });
  return session;
}

/** The statements that the server has there, in N-Triples, asked for without the library that is tested. */
export async function stored(session, url) {
  const answer = await session.fetch(url, { headers: { accept: "application/n-triples" } });
  assert.equal(answer.status, 200, url);
  return (await answer.text()).split("\n").filter(Boolean).sort();
}

/** Whether the server has something there, and what in which media type, asked for as above. */
export async function content(session, url) {
  const answer = await session.fetch(url);
  return { status: answer.status, type: answer.headers.get("content-type"), text: await answer.text() };
}

/** A container with nothing in it yet. */
export async function emptied(session, url) {
  const headers = { "content-type": "text/turtle" };
  assert.equal((await session.fetch(url, { method: "PUT", headers, body: "" })).status, 201);
}
