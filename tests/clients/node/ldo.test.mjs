// LDO: linked data as objects, with @ldo/connected-solid, which reads, changes, commits and listens.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { changeData, commitData } from "@ldo/connected";
import { createSolidLdoDataset } from "@ldo/connected-solid";
import { content, emptied, otherWebId, pod, signIn, stored, webId } from "./harness.mjs";

const box = `${pod}ldo/`;
const FOAF = "http://xmlns.com/foaf/0.1/";
const SHAPE = "https://app.example/shapes#Person";
/** A shape as LDO's generator writes it: what a person is, and how that is called in JavaScript. */
const Person = {
  shape: SHAPE,
  context: {
    name: { "@id": `${FOAF}name`, "@type": "http://www.w3.org/2001/XMLSchema#string" },
    nick: { "@id": `${FOAF}nick`, "@type": "http://www.w3.org/2001/XMLSchema#string", "@isCollection": true },
    knows: { "@id": `${FOAF}knows`, "@type": "@id", "@isCollection": true },
  },
  schema: {
    type: "Schema",
    shapes: [{ id: SHAPE, type: "ShapeDecl", shapeExpr: { type: "Shape" } }],
  },
};
let session;

before(async () => {
  session = await signIn("OWNER");
  await emptied(session, box);
});

after(() => session.logout());

/** A dataset that has read nothing yet, for somebody. */
function fresh(somebody = session) {
  const dataset = createSolidLdoDataset();
  dataset.setContext("solid", { fetch: somebody.fetch });
  return dataset;
}

/** What LDO says it did, which it never throws. */
function done(result) {
  assert.equal(result.isError, false, result.message);
  return result;
}

/** A document in the container, with the dataset that made it. */
async function document(name) {
  const dataset = fresh();
  const resource = dataset.getResource(`${box}${name}`);
  done(await resource.createIfAbsent());
  return { dataset, resource };
}

test("data is created in a new document and committed", async () => {
  const { dataset, resource } = await document("created.ttl");
  const me = dataset.createData(Person, `${resource.uri}#me`, resource);
  me.name = "Ada";
  me.nick.add("Countess");
  me.nick.add('A. "A." L.');

  done(await commitData(me));

  assert.deepEqual(await stored(session, resource.uri), [
    `<${resource.uri}#me> <${FOAF}name> "Ada" .`,
    `<${resource.uri}#me> <${FOAF}nick> "A. \\"A.\\" L." .`,
    `<${resource.uri}#me> <${FOAF}nick> "Countess" .`,
  ]);
});

test("data is read, changed and committed, and what was not changed stays", async () => {
  const url = `${box}changed.ttl`;
  const body = `@prefix foaf: <${FOAF}>. <#me> foaf:name "Ada"; foaf:nick "A", "B"; foaf:age 36.`;
  await session.fetch(url, { method: "PUT", headers: { "content-type": "text/turtle" }, body });
  const dataset = fresh();
  const resource = dataset.getResource(url);
  done(await resource.read());
  const me = dataset.usingType(Person).fromSubject(`${url}#me`);
  assert.equal(me.name, "Ada");

  const changed = changeData(me, resource);
  changed.name = "Grace";
  changed.nick.delete("A");
  changed.knows.add({ "@id": webId });
  done(await commitData(changed));

  assert.deepEqual(await stored(session, url), [
    `<${url}#me> <${FOAF}age> "36"^^<http://www.w3.org/2001/XMLSchema#integer> .`,
    `<${url}#me> <${FOAF}knows> <${webId}> .`,
    `<${url}#me> <${FOAF}name> "Grace" .`,
    `<${url}#me> <${FOAF}nick> "B" .`,
  ]);
});

test("a container is made, listed, and deleted with all that is in it", async () => {
  const dataset = fresh();
  const folder = dataset.getResource(`${box}folder/`);
  done(await folder.createIfAbsent());
  done(await folder.createChildIfAbsent("inner/"));
  done(await folder.createChildAndOverwrite("note.ttl"));
  const image = new Blob(["<svg/>"], { type: "image/svg+xml" });
  done(await folder.uploadChildAndOverwrite("image.svg", image, "image/svg+xml"));

  const seen = fresh().getResource(`${box}folder/`);
  done(await seen.read());
  const names = seen.children().map((child) => child.uri.slice(`${box}folder/`.length));
  assert.deepEqual(names.sort(), ["image.svg", "inner/", "note.ttl"]);
  assert.deepEqual(await content(session, `${box}folder/image.svg`), { status: 200, type: "image/svg+xml", text: "<svg/>" });

  done(await folder.delete());

  for (const url of [`${box}folder/`, `${box}folder/inner/`, `${box}folder/note.ttl`]) {
    assert.equal((await content(session, url)).status, 404, url);
  }
});

test("the storage is found from a document and from a WebID", async () => {
  const { dataset, resource } = await document("found.ttl");

  const root = await resource.getRootContainer();
  const profile = dataset.getResource(webId);
  const storage = await profile.getRootContainer();

  assert.equal(root.uri, pod);
  assert.equal(storage.uri, pod);
});

test("access is given by a rule, and taken back", async () => {
  const other = await signIn("OTHER");
  const { resource } = await document("shared.ttl");
  const found = done(await resource.getWac());
  assert.equal(found.wacRule.agent[webId]?.control, true);
  const nothing = { read: false, append: false, write: false, control: false };
  const everything = { read: true, append: true, write: true, control: true };
  const rule = { public: nothing, authenticated: nothing, agent: { [webId]: everything } };
  assert.equal((await content(other, resource.uri)).status, 403);

  done(await resource.setWac({ ...rule, agent: { ...rule.agent, [otherWebId]: { ...nothing, read: true } } }));
  assert.equal((await content(other, resource.uri)).status, 200);

  done(await resource.setWac(rule));
  assert.equal((await content(other, resource.uri)).status, 403);
  await other.logout();
});

test("what may not be read is told as such", async () => {
  const other = await signIn("OTHER");
  await document("private.ttl");

  const result = await fresh(other).getResource(`${box}private.ttl`).read();

  assert.deepEqual([result.isError, result.type], [true, "unauthorizedError"]);
  await other.logout();
});

test("a change by somebody else arrives over a WebSocket", async () => {
  const { dataset, resource } = await document("live.ttl");
  const arrived = new Promise((resolve, reject) => {
    dataset.addListener([null, null, null, null], ({ added }) => added && resolve([...added]));
    resource.subscribeToNotifications({ onNotificationError: reject }).catch(reject);
  });
  // What is written before the socket is open is not told; so it is written until then.
  let count = 0;
  const writing = setInterval(() => {
    const body = `INSERT DATA { <#me> <${FOAF}nick> "N${count++}". }`;
    session.fetch(resource.uri, { method: "PATCH", headers: { "content-type": "application/sparql-update" }, body });
  }, 200);

  const [added] = await arrived.finally(() => clearInterval(writing));

  assert.deepEqual([added.subject.value, added.predicate.value], [`${resource.uri}#me`, `${FOAF}nick`]);
  await resource.unsubscribeFromAllNotifications();
});
