// Live updates: @inrupt/solid-client-notifications and rdflib.js, unmodified, on a private pod.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { WebsocketNotification } from "@inrupt/solid-client-notifications";
import * as rdf from "rdflib";
import { WebSocket } from "ws";
import { pod, signIn } from "./harness.mjs";

// Node.js has none of its own before version 22.
globalThis.WebSocket ??= WebSocket;

const box = `${pod}live/`;
const turtle = { "content-type": "text/turtle" };
let session;

before(async () => {
  session = await signIn("OWNER");
  assert.ok((await session.fetch(box, { method: "PUT", headers: turtle, body: "" })).ok);
});

after(() => session.logout());

/** The next time that an emitter says this. */
const next = (emitter, event) => new Promise((resolve) => emitter.once(event, resolve));

const put = async (url, body) => {
  const answer = await session.fetch(url, { method: "PUT", headers: turtle, body });
  assert.ok(answer.ok, `${answer.status}`);
  return answer;
};

test("solid-client-notifications finds the socket and hears of every change of a private document", async () => {
  const url = `${box}inrupt.ttl`;
  await put(url, "<> a <#A>.");
  const socket = new WebsocketNotification(url, { fetch: session.fetch });
  const connected = next(socket, "connected");
  socket.connect();
  await connected;

  const heard = next(socket, "message");
  const answer = await put(url, "<> a <#B>.");
  const message = await heard;

  assert.deepEqual([message.type, message.object], ["Update", url]);
  assert.equal(message.state, answer.headers.get("etag"));
  const closed = next(socket, "closed");
  socket.disconnect();
  await closed;
});

test("solid-client-notifications hears what comes into a container", async () => {
  const socket = new WebsocketNotification(box, { fetch: session.fetch });
  const connected = next(socket, "connected");
  socket.connect();
  await connected;

  const heard = next(socket, "message");
  await put(`${box}new.ttl`, "");

  const message = await heard;
  assert.deepEqual([message.type, message.object, message.target], ["Add", `${box}new.ttl`, box]);
  socket.disconnect();
});

test("rdflib.js reloads a private document that somebody else changed", async () => {
  const document = rdf.sym(`${box}rdflib.ttl`);
  const name = rdf.sym("http://xmlns.com/foaf/0.1/name");
  await put(document.value, `<#me> <${name.value}> "Ada".`);
  const store = rdf.graph();
  new rdf.Fetcher(store, { fetch: session.fetch });
  const updater = new rdf.UpdateManager(store);
  await store.fetcher.load(document);
  const changed = new Promise((resolve) => updater.addDownstreamChangeListener(document, resolve));

  // Only once the socket is open does it hear anything; so it is changed until then.
  let count = 0;
  const changing = setInterval(() => put(document.value, `<#me> <${name.value}> "Grace ${count++}".`), 200);
  await changed;
  clearInterval(changing);

  assert.match(store.anyValue(rdf.sym(`${document.value}#me`), name), /^Grace/);
});
