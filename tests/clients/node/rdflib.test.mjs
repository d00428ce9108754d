// rdflib.js: what SolidOS and many apps are made of; and N3.js, which reads what others wrote.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Parser } from "n3";
import * as rdf from "rdflib";
import { otherWebId, pod, signIn, stored, webId } from "./harness.mjs";

const box = `${pod}rdflib/`;
const FOAF = rdf.Namespace("http://xmlns.com/foaf/0.1/");
const LDP = rdf.Namespace("http://www.w3.org/ns/ldp#");
let session;

before(async () => {
  session = await signIn("OWNER");
});

after(() => session.logout());

/** A store that has read nothing yet, with what reads and writes for it. */
function fresh(somebody = session) {
  const store = rdf.graph();
  const fetcher = new rdf.Fetcher(store, { fetch: somebody.fetch });
  return { store, fetcher, updater: new rdf.UpdateManager(store) };
}

const names = (store, subject) => store.each(subject, FOAF("name"), null).map((term) => term.value).sort();

test("a document is put, and loaded into another store", async () => {
  const document = rdf.sym(`${box}put.ttl`);
  const me = rdf.sym(`${document.value}#me`);
  const writing = fresh();
  const statements = [rdf.st(me, FOAF("name"), rdf.lit("Ada", "en"), document)];
  await new Promise((resolve, reject) =>
    writing.updater.put(document, statements, "text/turtle", (_uri, ok, error) => (ok ? resolve() : reject(Error(error)))),
  );

  const reading = fresh();
  await reading.fetcher.load(document);

  assert.deepEqual(names(reading.store, me), ["Ada"]);
  assert.equal(reading.store.any(me, FOAF("name")).language, "en");
});

test("a document is known to be editable, and changed by what is deleted and inserted", async () => {
  const document = rdf.sym(`${box}changed.ttl`);
  const me = rdf.sym(`${document.value}#me`);
  const one = fresh();
  await one.fetcher.webOperation("PUT", document.value, {
    data: `@prefix foaf: <http://xmlns.com/foaf/0.1/>. <#me> foaf:name "Ada", "Countess".`,
    contentType: "text/turtle",
  });
  await one.fetcher.load(document);
  assert.equal(one.updater.editable(document), "SPARQL");

  await one.updater.update(
    [rdf.st(me, FOAF("name"), rdf.lit("Countess"), document)],
    [rdf.st(me, FOAF("name"), rdf.lit('Augusta "Ada" King\n'), document)],
  );

  assert.deepEqual(names(one.store, me), ["Ada", 'Augusta "Ada" King\n']);
  const other = fresh();
  await other.fetcher.load(document);
  assert.deepEqual(names(other.store, me), ["Ada", 'Augusta "Ada" King\n']);
});

test("two documents are changed by one call", async () => {
  const [first, second] = [rdf.sym(`${box}first.ttl`), rdf.sym(`${box}second.ttl`)];
  const one = fresh();
  for (const document of [first, second]) {
    const data = `<#me> <${FOAF("name").value}> "Before".`;
    await one.fetcher.webOperation("PUT", document.value, { data, contentType: "text/turtle" });
    await one.fetcher.load(document);
  }
  const named = (document, name) => rdf.st(rdf.sym(`${document.value}#me`), FOAF("name"), rdf.lit(name), document);

  await one.updater.updateMany(
    [named(first, "Before"), named(second, "Before")],
    [named(first, "After"), named(second, "After")],
  );

  for (const { value } of [first, second]) {
    assert.deepEqual(await stored(session, value), [`<${value}#me> <${FOAF("name").value}> "After" .`]);
  }
});

test("who may only read is known not to be able to edit, and is refused", async () => {
  const other = await signIn("OTHER");
  const document = rdf.sym(`${box}readable.ttl`);
  const policy = `@prefix acl: <http://www.w3.org/ns/auth/acl#>.
    <#owner> a acl:Authorization; acl:agent <${webId}>; acl:accessTo <readable.ttl>; acl:mode acl:Read, acl:Write, acl:Control.
    <#reader> a acl:Authorization; acl:agent <${otherWebId}>; acl:accessTo <readable.ttl>; acl:mode acl:Read.`;
  const mine = fresh();
  const data = `<#me> <${FOAF("name").value}> "Ada".`;
  await mine.fetcher.webOperation("PUT", document.value, { data, contentType: "text/turtle" });
  await mine.fetcher.webOperation("PUT", `${document.value}.acl`, { data: policy, contentType: "text/turtle" });

  const theirs = fresh(other);
  await theirs.fetcher.load(document);
  assert.equal(theirs.updater.editable(document), false);
  const more = rdf.st(rdf.sym(`${document.value}#me`), FOAF("nick"), rdf.lit("A"), document);
  await assert.rejects(theirs.updater.update([], [more]));

  assert.equal((await stored(session, document.value)).length, 1);
  await other.logout();
});

test("a statement about a blank node is found and deleted", async () => {
  const document = rdf.sym(`${box}blank.ttl`);
  const me = rdf.sym(`${document.value}#me`);
  const one = fresh();
  await one.fetcher.webOperation("PUT", document.value, {
    data: `@prefix foaf: <http://xmlns.com/foaf/0.1/>. <#me> foaf:knows [ foaf:name "Charles"; foaf:nick "C" ].`,
    contentType: "text/turtle",
  });
  await one.fetcher.load(document);
  const friend = one.store.any(me, FOAF("knows"));
  assert.equal(friend.termType, "BlankNode");

  await one.updater.update(one.store.statementsMatching(friend, FOAF("nick"), null, document), []);

  const other = fresh();
  await other.fetcher.load(document);
  assert.deepEqual(names(other.store, other.store.any(me, FOAF("knows"))), ["Charles"]);
  assert.deepEqual(other.store.each(null, FOAF("nick"), null), []);
});

test("a patch makes a document that is not there", async () => {
  const document = rdf.sym(`${box}made/by/patch.ttl`);
  const me = rdf.sym(`${document.value}#me`);
  const one = fresh();
  await one.fetcher.load(document).catch((error) => assert.equal(error.status, 404));

  await one.updater.update([], [rdf.st(me, FOAF("name"), rdf.lit("Grace"), document)]);

  const other = fresh();
  await other.fetcher.load(document);
  assert.deepEqual(names(other.store, me), ["Grace"]);
});

test("a container is created and listed", async () => {
  const { store, fetcher } = fresh();
  const made = await fetcher.createContainer(box, "folder", "");
  assert.equal(made.status, 201);
  assert.equal(made.headers.get("location"), `${box}folder/`);

  await fetcher.load(rdf.sym(box), { force: true });

  const listed = store.each(rdf.sym(box), LDP("contains"), null).map((term) => term.value);
  assert.ok(listed.includes(`${box}folder/`));
  assert.ok(store.holds(rdf.sym(`${box}folder/`), rdf.sym("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"), LDP("Container")));
});

test("where the policy is, is known from the headers", async () => {
  const { store, fetcher } = fresh();
  await fetcher.load(rdf.sym(box), { force: true });

  const policy = store.any(rdf.sym(box), rdf.sym("http://www.iana.org/assignments/link-relations/acl"));

  assert.equal(policy.value, `${box}.acl`);
});

test("a document is deleted", async () => {
  const { fetcher } = fresh();
  const url = `${box}deleted.ttl`;
  await fetcher.webOperation("PUT", url, { data: "<> a <#Thing>.", contentType: "text/turtle" });

  assert.equal((await fetcher.webOperation("DELETE", url)).status, 205);

  await assert.rejects(fetcher.load(url, { force: true }), (error) => error.status === 404);
});

test("JSON-LD is loaded, and asked for", async () => {
  const { store, fetcher } = fresh();
  const url = `${box}data.jsonld`;
  const data = JSON.stringify({ "@id": "#me", "http://xmlns.com/foaf/0.1/name": "Barbara" });
  await fetcher.webOperation("PUT", url, { data, contentType: "application/ld+json" });

  await fetcher.load(url, { headers: { accept: "application/ld+json" } });

  assert.deepEqual(names(store, rdf.sym(`${url}#me`)), ["Barbara"]);
});

for (const type of ["text/turtle", "application/n-triples", "application/trig", "application/n-quads"]) {
  test(`N3.js reads a listing as ${type}`, async () => {
    const answer = await session.fetch(box, { headers: { accept: type } });
    assert.equal(answer.headers.get("content-type"), type);

    const quads = new Parser({ format: type, baseIRI: box }).parse(await answer.text());

    const contained = quads.filter((quad) => quad.predicate.value === LDP("contains").value);
    assert.ok(contained.some((quad) => quad.object.value === `${box}put.ttl`));
    assert.ok(contained.every((quad) => quad.subject.value === box));
  });
}
