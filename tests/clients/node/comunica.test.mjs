// Comunica: SPARQL over the documents of a pod, as somebody who is signed in.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { QueryEngine } from "@comunica/query-sparql-solid";
import { content, emptied, pod, signIn, stored } from "./harness.mjs";

const box = `${pod}comunica/`;
const FOAF = "http://xmlns.com/foaf/0.1/";
const PREFIXES = `PREFIX foaf: <${FOAF}> PREFIX ldp: <http://www.w3.org/ns/ldp#>`;
const SESSION = "@comunica/actor-http-inrupt-solid-client-authn:session";
let session;
let engine;

before(async () => {
  session = await signIn("OWNER");
  await emptied(session, box);
  engine = new QueryEngine();
  await put("ada.ttl", `@prefix foaf: <${FOAF}>. <#me> foaf:name "Ada"; foaf:knows <grace.ttl#me>.`);
  await put("grace.ttl", `@prefix foaf: <${FOAF}>. <#me> foaf:name "Grace".`);
});

after(() => session.logout());

async function put(name, body) {
  const answer = await session.fetch(`${box}${name}`, { method: "PUT", headers: { "content-type": "text/turtle" }, body });
  assert.ok(answer.ok, `${answer.status}`);
}

/** The values of a SELECT over what is there, one row a line. */
async function select(query, sources, context = { [SESSION]: session }) {
  const rows = await engine.queryBindings(`${PREFIXES} ${query}`, { sources, ...context });
  return (await rows.toArray()).map((row) => [...row].map(([, term]) => term.value));
}

/** An update of one document, after which nothing is kept of what was there. */
async function update(query, url, context = { [SESSION]: session }) {
  await engine.queryVoid(`${PREFIXES} ${query}`, { sources: [url], destination: url, ...context });
  await engine.invalidateHttpCache();
}

test("a private document is queried by who is signed in", async () => {
  assert.deepEqual(await select("SELECT ?name WHERE { ?who foaf:name ?name }", [`${box}ada.ttl`]), [["Ada"]]);
});

test("a private document is not queried by anybody else", async () => {
  await assert.rejects(select("SELECT ?name WHERE { ?who foaf:name ?name }", [`${box}ada.ttl`], {}), /401/);
});

test("two documents are joined", async () => {
  const query = "SELECT ?name WHERE { ?ada foaf:name 'Ada'; foaf:knows ?who. ?who foaf:name ?name }";

  assert.deepEqual(await select(query, [`${box}ada.ttl`, `${box}grace.ttl`]), [["Grace"]]);
});

test("a listing is queried", async () => {
  const found = await select("SELECT ?one WHERE { ?box ldp:contains ?one } ORDER BY ?one", [box]);

  assert.ok(found.flat().includes(`${box}ada.ttl`), `${found}`);
});

test("a session's fetch does instead of the session", async () => {
  const context = { fetch: session.fetch };

  assert.deepEqual(await select("SELECT ?name WHERE { ?who foaf:name ?name }", [`${box}grace.ttl`], context), [["Grace"]]);
});

test("statements are inserted into a document, and deleted from it", async () => {
  const url = `${box}updated.ttl`;
  await put("updated.ttl", `@prefix foaf: <${FOAF}>. <#me> foaf:name "Before"; foaf:nick "B".`);

  await update(`INSERT DATA { <${url}#me> foaf:nick "A" }`, url);
  await update(`DELETE DATA { <${url}#me> foaf:nick "B" }`, url);

  assert.deepEqual(await stored(session, url), [
    `<${url}#me> <${FOAF}name> "Before" .`,
    `<${url}#me> <${FOAF}nick> "A" .`,
  ]);
});

test("what a pattern finds is replaced", async () => {
  const url = `${box}replaced.ttl`;
  await put("replaced.ttl", `@prefix foaf: <${FOAF}>. <#a> foaf:name "A"; foaf:age 1. <#b> foaf:name "B".`);

  await update("DELETE { ?who foaf:name ?name } INSERT { ?who foaf:nick ?name } WHERE { ?who foaf:name ?name }", url);

  assert.deepEqual(await stored(session, url), [
    `<${url}#a> <${FOAF}age> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .`,
    `<${url}#a> <${FOAF}nick> "A" .`,
    `<${url}#b> <${FOAF}nick> "B" .`,
  ]);
});

test("a document that is not there is made by an update", async () => {
  const url = `${box}made/by/update.ttl`;

  await update(`INSERT DATA { <${url}#me> foaf:name "New" }`, url);

  assert.deepEqual(await stored(session, url), [`<${url}#me> <${FOAF}name> "New" .`]);
});

test("an update by somebody who may not changes nothing", async () => {
  const other = await signIn("OTHER");
  const url = `${box}grace.ttl`;

  await assert.rejects(update(`INSERT DATA { <${url}#me> foaf:nick "X" }`, url, { [SESSION]: other }), /updating failed/);

  assert.deepEqual(await stored(session, url), [`<${url}#me> <${FOAF}name> "Grace" .`]);
  assert.equal((await content(other, url)).status, 403);
  await other.logout();
});
