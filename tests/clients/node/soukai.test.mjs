// soukai: models that are kept in a pod, with the engine for Solid of soukai-solid.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bootModels, FieldType, setEngine } from "soukai";
import { bootSolidModels, defineSolidModelSchema, SolidContainer, SolidEngine, SolidTypeIndex } from "soukai-solid";
import { content, emptied, pod, signIn, stored, webId } from "./harness.mjs";

const box = `${pod}soukai/`;
const SCHEMA = "https://schema.org/";
const TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
const DATE = "http://www.w3.org/2001/XMLSchema#dateTime";

class Movie extends defineSolidModelSchema({
  rdfContexts: { schema: SCHEMA },
  rdfsClass: "Movie",
  timestamps: false,
  fields: {
    title: { type: FieldType.String, rdfProperty: "name" },
    tags: { type: FieldType.Array, rdfProperty: "keywords", items: FieldType.String },
    released: { type: FieldType.Date, rdfProperty: "datePublished" },
  },
}) {}

/** The same, with the record of its changes that soukai keeps beside it. */
class Watched extends defineSolidModelSchema({
  rdfContexts: { schema: SCHEMA },
  rdfsClass: "Movie",
  timestamps: true,
  history: true,
  fields: { title: { type: FieldType.String, rdfProperty: "name" } },
}) {}

class Movies extends SolidContainer {
  static rdfContexts = { schema: SCHEMA };
  moviesRelationship() {
    return this.contains(Movie);
  }
}

let session;

before(async () => {
  session = await signIn("OWNER");
  await emptied(session, box);
  bootSolidModels();
  bootModels({ Movie, Watched, Movies });
  setEngine(new SolidEngine(session.fetch));
});

after(() => session.logout());

test("a model is created as a document of its own", async () => {
  const movie = await Movie.at(box).create({
    title: "Metropolis",
    tags: ["silent", "long"],
    released: new Date("1927-01-10T00:00:00Z"),
  });

  assert.ok(movie.url.startsWith(box));
  assert.deepEqual(await stored(session, movie.getDocumentUrl()), [
    `<${movie.url}> <${TYPE}> <${SCHEMA}Movie> .`,
    `<${movie.url}> <${SCHEMA}datePublished> "1927-01-10T00:00:00.000Z"^^<${DATE}> .`,
    `<${movie.url}> <${SCHEMA}keywords> "long" .`,
    `<${movie.url}> <${SCHEMA}keywords> "silent" .`,
    `<${movie.url}> <${SCHEMA}name> "Metropolis" .`,
  ].sort());
});

test("a model that another program wrote is found, and those that are none are not", async () => {
  const [folder, headers] = [`${box}found/`, { "content-type": "text/turtle" }];
  const put = (name, body) => session.fetch(`${folder}${name}`, { method: "PUT", headers, body });
  await put("nosferatu.ttl", `@prefix schema: <${SCHEMA}>. <#it> a schema:Movie; schema:name "Nosferatu".`);
  await put("book.ttl", `@prefix schema: <${SCHEMA}>. <#it> a schema:Book; schema:name "Dracula".`);

  const one = await Movie.find(`${folder}nosferatu.ttl#it`);
  const all = await Movie.from(folder).all();

  assert.equal(one.title, "Nosferatu");
  assert.deepEqual(all.map((movie) => [movie.url, movie.title]), [[`${folder}nosferatu.ttl#it`, "Nosferatu"]]);
  assert.equal(await Movie.find(`${folder}none.ttl#it`), null);
});

test("a model is updated, and what is not its own stays", async () => {
  const movie = await Movie.at(box).create({ title: "M", tags: ["a", "b"], released: new Date(0) });
  const url = movie.getDocumentUrl();
  const body = `INSERT DATA { <#other> <${SCHEMA}name> "Kept". }`;
  await session.fetch(url, { method: "PATCH", headers: { "content-type": "application/sparql-update" }, body });

  await movie.update({ title: 'M "for" Murder', tags: ["b", "c"], released: null });

  assert.deepEqual(await stored(session, url), [
    `<${movie.url}> <${TYPE}> <${SCHEMA}Movie> .`,
    `<${movie.url}> <${SCHEMA}keywords> "b" .`,
    `<${movie.url}> <${SCHEMA}keywords> "c" .`,
    `<${movie.url}> <${SCHEMA}name> "M \\"for\\" Murder" .`,
    `<${url}#other> <${SCHEMA}name> "Kept" .`,
  ].sort());
});

test("a model that is the only one in its document is deleted with the document", async () => {
  const movie = await Movie.at(box).create({ title: "Faust" });
  const url = movie.getDocumentUrl();
  assert.equal((await content(session, url)).status, 200);

  await movie.delete();

  assert.equal((await content(session, url)).status, 404);
});

test("the history of a model is kept in its document", async () => {
  const movie = await Watched.at(box).create({ title: "Der letzte Mann" });
  await movie.update({ title: "The Last Laugh" });

  const again = await Watched.find(movie.url);

  assert.equal(again.title, "The Last Laugh");
  assert.equal(again.operations.length, 2);
  const lines = await stored(session, movie.getDocumentUrl());
  assert.ok(lines.some((line) => line.includes("crdt/SetPropertyOperation>")));
});

test("a container is created with a name of its own, gets documents, and loses them", async () => {
  const movies = await Movies.at(box).create({ name: "My movies" });
  assert.equal(movies.url, `${box}my-movies/`);

  const movie = await movies.relatedMovies.create({ title: "Sunrise" });

  const label = "<http://www.w3.org/2000/01/rdf-schema#label>";
  const lines = await stored(session, movies.url);
  assert.ok(lines.includes(`<${movies.url}> ${label} "My movies" .`), lines.join("\n"));
  assert.ok(lines.includes(`<${movies.url}> <http://www.w3.org/ns/ldp#contains> <${movie.getDocumentUrl()}> .`));
  const found = await Movies.find(movies.url);
  await found.loadRelation("movies");
  assert.deepEqual(found.movies.map((one) => one.title), ["Sunrise"]);

  await found.movies[0].delete();
  await (await Movies.find(movies.url)).delete();

  for (const url of [movie.getDocumentUrl(), movies.url]) assert.equal((await content(session, url)).status, 404, url);
});

test("a type index is created, and says where movies are", async () => {
  const index = await SolidTypeIndex.createPrivate({
    webId,
    storageUrls: [pod],
    privateTypeIndexUrl: undefined,
    writableProfileUrl: webId.split("#")[0],
  });
  const movies = await Movies.at(box).create({ name: "Indexed" });
  await movies.register(index.url, Movie);

  const found = await Movies.fromTypeIndex(index.url, Movie);

  assert.deepEqual(found.map((one) => one.url), [movies.url]);
  const lines = await stored(session, index.url);
  assert.ok(lines.some((line) => line.endsWith(`<http://www.w3.org/ns/solid/terms#instanceContainer> <${movies.url}> .`)));
});
