// @inrupt/solid-client with @inrupt/solid-client-authn-node, as their users use them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as solid from "@inrupt/solid-client";
import { otherWebId, pod, signIn, webId } from "./harness.mjs";

const SCHEMA = "https://schema.org/";
const LDP = "http://www.w3.org/ns/ldp#";
const box = `${pod}client/`;
let owner, guest, mine, theirs, anyone;

before(async () => {
  owner = await signIn("OWNER");
  guest = await signIn("OTHER");
  mine = { fetch: owner.fetch };
  theirs = { fetch: guest.fetch };
  anyone = { fetch };
});

after(async () => {
  await owner.logout();
  await guest.logout();
});

const statusOf = async (promise) => {
  try {
    await promise;
    return 200;
  } catch (error) {
    if (error.statusCode === undefined) throw error;
    return error.statusCode;
  }
};

const note = (url) =>
  solid
    .buildThing({ url: `${url}#it` })
    .addUrl(`${SCHEMA}type`, `${SCHEMA}Note`)
    .addStringWithLocale(`${SCHEMA}name`, "Bücher & «Straße»", "de")
    .addStringNoLocale(`${SCHEMA}text`, 'Line one\nLine "two"\\ 🌱')
    .addInteger(`${SCHEMA}position`, 42)
    .addDatetime(`${SCHEMA}dateCreated`, new Date("2026-11-24T10:00:00.123Z"))
    .addBoolean(`${SCHEMA}isPartOf`, true)
    .addDecimal(`${SCHEMA}price`, 1.5)
    .build();

test("the session knows who signed in", () => {
  assert.equal(owner.info.isLoggedIn, true);
  assert.equal(owner.info.webId, webId);
  assert.equal(guest.info.webId, otherWebId);
});

test("the storage is found from the WebID, by everyone", async () => {
  assert.deepEqual(await solid.getPodUrlAll(webId, anyone), [pod]);
});

test("the profile says who someone is and who signs them in", async () => {
  const { webIdProfile } = await solid.getProfileAll(webId, anyone);
  const person = solid.getThing(webIdProfile, webId);

  assert.equal(solid.getUrl(person, "http://www.w3.org/ns/solid/terms#oidcIssuer"), process.env.ISSUER);
  assert.equal(solid.getUrl(person, "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"), "http://xmlns.com/foaf/0.1/Person");
  assert.equal(solid.getUrl(person, `${LDP}inbox`), `${pod}inbox/`);
});

test("the owner changes their profile", async () => {
  const profile = await solid.getSolidDataset(webId, mine);
  const person = solid.setStringNoLocale(solid.getThing(profile, webId), "http://xmlns.com/foaf/0.1/name", "Alice");
  await solid.saveSolidDatasetAt(webId, solid.setThing(profile, person), mine);

  const changed = solid.getThing(await solid.getSolidDataset(webId, anyone), webId);
  assert.equal(solid.getStringNoLocale(changed, "http://xmlns.com/foaf/0.1/name"), "Alice");
  assert.equal(solid.getUrl(changed, "http://www.w3.org/ns/pim/space#storage"), pod);
});

test("the root of the pod is known as a storage", async () => {
  const info = await solid.getResourceInfo(pod, mine);
  const types = info.internal_resourceInfo.linkedResources.type;

  assert.ok(types.includes("http://www.w3.org/ns/pim/space#Storage"));
  assert.ok(types.includes(`${LDP}BasicContainer`));
});

test("a container is created, in both ways, and deleted", async () => {
  const made = await solid.createContainerAt(`${box}one/`, mine);
  assert.equal(solid.getSourceUrl(made), `${box}one/`);
  const posted = await solid.createContainerInContainer(box, { ...mine, slugSuggestion: "two" });
  assert.equal(solid.getSourceUrl(posted), `${box}two/`);

  const listed = solid.getContainedResourceUrlAll(await solid.getSolidDataset(box, mine));
  assert.deepEqual(listed.filter((url) => /(one|two)\/$/.test(url)).sort(), [`${box}one/`, `${box}two/`]);

  for (const url of [`${box}one/`, `${box}two/`]) {
    await solid.deleteContainer(url, mine);
    assert.equal(await statusOf(solid.getSolidDataset(url, mine)), 404);
  }
});

test("a container that holds something is not deleted", async () => {
  await solid.overwriteFile(`${box}full/a.txt`, new Blob(["a"], { type: "text/plain" }), mine);

  assert.equal(await statusOf(solid.deleteContainer(`${box}full/`, mine)), 409);
  assert.equal(await statusOf(solid.getFile(`${box}full/a.txt`, mine)), 200);
});

test("a dataset is created, read, changed and deleted", async () => {
  const url = `${box}notes/first.ttl`;
  await solid.saveSolidDatasetAt(url, solid.setThing(solid.createSolidDataset(), note(url)), mine);

  let dataset = await solid.getSolidDataset(url, mine);
  let it = solid.getThing(dataset, `${url}#it`);
  assert.equal(solid.getStringWithLocale(it, `${SCHEMA}name`, "de"), "Bücher & «Straße»");
  assert.equal(solid.getStringNoLocale(it, `${SCHEMA}text`), 'Line one\nLine "two"\\ 🌱');
  assert.equal(solid.getInteger(it, `${SCHEMA}position`), 42);
  assert.equal(solid.getDatetime(it, `${SCHEMA}dateCreated`).toISOString(), "2026-11-24T10:00:00.123Z");
  assert.equal(solid.getBoolean(it, `${SCHEMA}isPartOf`), true);
  assert.equal(solid.getDecimal(it, `${SCHEMA}price`), 1.5);

  // Twice, since the library sends what changed since the last save.
  for (const position of [43, 44]) {
    it = solid.setInteger(it, `${SCHEMA}position`, position);
    dataset = await solid.saveSolidDatasetAt(url, solid.setThing(dataset, it), mine);
    const saved = solid.getThing(await solid.getSolidDataset(url, mine), `${url}#it`);
    assert.deepEqual(solid.getIntegerAll(saved, `${SCHEMA}position`), [position]);
    it = solid.getThing(dataset, `${url}#it`);
  }

  dataset = await solid.saveSolidDatasetAt(url, solid.removeThing(await solid.getSolidDataset(url, mine), it), mine);
  assert.deepEqual(solid.getThingAll(await solid.getSolidDataset(url, mine)), []);

  await solid.deleteSolidDataset(url, mine);
  assert.equal(await statusOf(solid.getSolidDataset(url, mine)), 404);
});

test("blank nodes and lists go in and out", async () => {
  const url = `${box}notes/blank.ttl`;
  const turtle = `<#it> <${SCHEMA}author> [ <${SCHEMA}name> "Nobody" ]; <${SCHEMA}steps> ( 1 2 3 ).`;
  await solid.overwriteFile(url, new Blob([turtle], { type: "text/turtle" }), mine);

  const dataset = await solid.getSolidDataset(url, mine);

  const quads = [...solid.toRdfJsDataset(dataset)];
  assert.equal(quads.length, 9);
  const author = quads.find((quad) => quad.predicate.value === `${SCHEMA}author`).object;
  const name = quads.find((quad) => quad.predicate.value === `${SCHEMA}name`);
  assert.ok(author.equals(name.subject));
});

test("a dataset that somebody else made meanwhile is not overwritten", async () => {
  const url = `${box}notes/once.ttl`;
  const dataset = solid.setThing(solid.createSolidDataset(), note(url));
  await solid.saveSolidDatasetAt(url, dataset, mine);

  assert.equal(await statusOf(solid.saveSolidDatasetAt(url, dataset, mine)), 412);
});

test("a dataset is posted to a container, which names it", async () => {
  const thing = solid.buildThing({ name: "it" }).addStringNoLocale(`${SCHEMA}name`, "Posted").build();
  const saved = await solid.saveSolidDatasetInContainer(
    `${box}notes/`,
    solid.setThing(solid.createSolidDataset(), thing),
    { ...mine, slugSuggestion: "posted" },
  );

  const url = solid.getSourceUrl(saved);
  assert.ok(url.startsWith(`${box}notes/posted`));
  const read = solid.getThing(await solid.getSolidDataset(url, mine), `${url}#it`);
  assert.equal(solid.getStringNoLocale(read, `${SCHEMA}name`), "Posted");
});

test("a file is saved, read, replaced and deleted", async () => {
  const bytes = Uint8Array.from({ length: 200_000 }, (_, index) => index % 251);
  const saved = await solid.saveFileInContainer(box, new Blob([bytes], { type: "image/png" }), {
    ...mine,
    slug: "picture.png",
  });
  const url = solid.getSourceUrl(saved);
  assert.equal(url, `${box}picture.png`);

  const file = await solid.getFile(url, mine);
  assert.equal(solid.getContentType(file), "image/png");
  assert.equal(solid.isRawData(file), true);
  assert.deepEqual(new Uint8Array(await file.arrayBuffer()), bytes);

  await solid.overwriteFile(url, new Blob(["no picture"], { type: "text/plain" }), mine);
  assert.equal(await (await solid.getFile(url, mine)).text(), "no picture");
  assert.equal(solid.getContentType(await solid.getResourceInfo(url, mine)), "text/plain");

  await solid.deleteFile(url, mine);
  assert.equal(await statusOf(solid.getFile(url, mine)), 404);
});

test("names in every script are kept", async () => {
  for (const name of ["a+b.txt", "zwei Wörter.txt", "100%.txt", "日本語.txt", "it's (1).txt", "a&b=c.txt"]) {
    const url = `${box}names/${encodeURIComponent(name)}`;
    await solid.overwriteFile(url, new Blob([name], { type: "text/plain" }), mine);

    assert.equal(await (await solid.getFile(url, mine)).text(), name);
    const listing = solid.getContainedResourceUrlAll(await solid.getSolidDataset(`${box}names/`, mine));
    const listed = listing.find((one) => decodeURIComponent(one).endsWith(name));
    assert.ok(listed, `${name} is not in ${listing}`);
    assert.equal(await (await solid.getFile(listed, mine)).text(), name);
  }
});

test("a listing tells size, date and type of what it lists", async () => {
  const url = `${box}names/listed.txt`;
  await solid.overwriteFile(url, new Blob(["12345"], { type: "text/plain" }), mine);

  const listed = solid.getThing(await solid.getSolidDataset(`${box}names/`, mine), url);

  assert.equal(solid.getInteger(listed, "http://www.w3.org/ns/posix/stat#size"), 5);
  assert.ok(solid.getDatetime(listed, "http://purl.org/dc/terms/modified") <= new Date());
  const types = solid.getUrlAll(listed, "http://www.w3.org/1999/02/22-rdf-syntax-ns#type");
  assert.ok(types.includes("http://www.w3.org/ns/iana/media-types/text/plain#Resource"));
});

test("what is private nobody else reads", async () => {
  const url = `${box}secret.txt`;
  await solid.overwriteFile(url, new Blob(["secret"], { type: "text/plain" }), mine);

  assert.equal(await statusOf(solid.getFile(url, anyone)), 401);
  assert.equal(await statusOf(solid.getFile(url, theirs)), 403);
  assert.equal(await statusOf(solid.getFile(`${box}nothing.txt`, theirs)), 403);
  assert.equal(await statusOf(solid.deleteFile(url, theirs)), 403);
});

test("universal access gives and takes what the public may do", async () => {
  const url = `${box}public.txt`;
  await solid.overwriteFile(url, new Blob(["public"], { type: "text/plain" }), mine);
  const nothing = { read: false, append: false, write: false, controlRead: false, controlWrite: false };
  assert.deepEqual(await solid.universalAccess.getPublicAccess(url, mine), nothing);

  const given = await solid.universalAccess.setPublicAccess(url, { read: true }, mine);
  assert.deepEqual(given, { ...nothing, read: true });
  assert.deepEqual(await solid.universalAccess.getPublicAccess(url, mine), { ...nothing, read: true });
  assert.equal(await (await solid.getFile(url, anyone)).text(), "public");

  await solid.universalAccess.setPublicAccess(url, { read: false }, mine);
  assert.equal(await statusOf(solid.getFile(url, anyone)), 401);
  assert.equal(await statusOf(solid.getFile(url, mine)), 200);
});

test("universal access gives and takes what one agent may do", async () => {
  const url = `${box}shared.ttl`;
  await solid.saveSolidDatasetAt(url, solid.setThing(solid.createSolidDataset(), note(url)), mine);

  await solid.universalAccess.setAgentAccess(url, otherWebId, { read: true, append: true }, mine);
  const access = await solid.universalAccess.getAgentAccess(url, otherWebId, mine);
  assert.deepEqual([access.read, access.append, access.write, access.controlRead], [true, true, false, false]);
  const all = await solid.universalAccess.getAgentAccessAll(url, mine);
  assert.deepEqual(Object.keys(all).sort(), [otherWebId, webId].sort());

  // Who may append adds to the dataset, and takes nothing away.
  const seen = await solid.getSolidDataset(url, theirs);
  assert.deepEqual(solid.getEffectiveAccess(seen).user, { read: true, append: true, write: false });
  const it = solid.getThing(seen, `${url}#it`);
  await solid.saveSolidDatasetAt(url, solid.setThing(seen, solid.addStringNoLocale(it, `${SCHEMA}comment`, "Hi")), theirs);
  const fresh = await solid.getSolidDataset(url, theirs);
  const less = solid.removeAll(solid.getThing(fresh, `${url}#it`), `${SCHEMA}comment`);
  assert.equal(await statusOf(solid.saveSolidDatasetAt(url, solid.setThing(fresh, less), theirs)), 403);

  await solid.universalAccess.setAgentAccess(url, otherWebId, { read: false, append: false }, mine);
  assert.equal(await statusOf(solid.getSolidDataset(url, theirs)), 403);
});

test("an ACL is made from the one above, and is what then counts", async () => {
  const url = `${box}album/`;
  await solid.createContainerAt(url, mine);
  await solid.overwriteFile(`${url}a.txt`, new Blob(["a"], { type: "text/plain" }), mine);
  const album = await solid.getSolidDatasetWithAcl(url, mine);
  assert.equal(solid.hasAccessibleAcl(album), true);
  assert.equal(solid.hasResourceAcl(album), false);
  assert.equal(solid.hasFallbackAcl(album), true);

  let acl = solid.createAclFromFallbackAcl(album);
  acl = solid.setAgentResourceAccess(acl, otherWebId, { read: true, append: false, write: false, control: false });
  acl = solid.setAgentDefaultAccess(acl, otherWebId, { read: true, append: false, write: false, control: false });
  acl = solid.setPublicResourceAccess(acl, { read: true, append: false, write: false, control: false });
  await solid.saveAclFor(album, acl, mine);

  const again = await solid.getSolidDatasetWithAcl(url, mine);
  assert.equal(solid.hasResourceAcl(again), true);
  assert.equal(solid.getAgentAccess(again, webId).control, true);
  assert.equal(await statusOf(solid.getFile(`${url}a.txt`, theirs)), 200);
  assert.equal(await statusOf(solid.getSolidDataset(url, anyone)), 200);
  assert.equal(await statusOf(solid.getFile(`${url}a.txt`, anyone)), 401);

  await solid.deleteAclFor(again, mine);
  assert.equal(await statusOf(solid.getFile(`${url}a.txt`, theirs)), 403);
});
