// solid-file-client: files and folders, copied and moved with what belongs to them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import FileClient from "solid-file-client";
import { content, emptied, otherWebId, pod, signIn, stored, webId } from "./harness.mjs";

const box = `${pod}files/`;
const NOTE = "@prefix dc: <http://purl.org/dc/terms/>. <> dc:title \"A note\".";
const TITLE = "<http://purl.org/dc/terms/title>";
let session;
let files;

before(async () => {
  session = await signIn("OWNER");
  await emptied(session, box);
  files = new FileClient(session);
});

after(() => session.logout());

const statuses = (urls) => Promise.all(urls.map(async (url) => (await content(session, url)).status));

/** A folder with a note, an image in a folder of its own, and a description of the note. */
async function tree(name) {
  const root = `${box}${name}/`;
  await files.createFolder(root);
  await files.createFile(`${root}note.ttl`, NOTE, "text/turtle");
  await files.createFile(`${root}inner/image.svg`, "<svg/>", "image/svg+xml");
  const about = `<${root}note.ttl> <http://purl.org/dc/terms/creator> <${webId}>.`;
  await files.put(`${root}note.ttl.meta`, { body: about, headers: { "content-type": "text/turtle" } });
  return root;
}

test("a folder is created, with those above it, and known to exist", async () => {
  await files.createFolder(`${box}made/in/depth/`);

  assert.deepEqual(await statuses([`${box}made/`, `${box}made/in/depth/`]), [200, 200]);
  assert.equal(await files.itemExists(`${box}made/in/depth/`), true);
  assert.equal(await files.itemExists(`${box}made/in/vain/`), false);
});

test("a file is created, read, posted beside, and deleted", async () => {
  const url = `${box}hello.txt`;
  await files.createFile(url, "Hello", "text/plain");
  assert.deepEqual(await content(session, url), { status: 200, type: "text/plain", text: "Hello" });
  assert.equal(await files.readFile(url), "Hello");

  const posted = await files.postFile(url, "Hello again", "text/plain");

  const other = new URL(posted.headers.get("location"), url).href;
  assert.notEqual(other, url);
  assert.equal((await content(session, other)).text, "Hello again");
  await files.deleteFile(url);
  assert.deepEqual(await statuses([url, other]), [404, 200]);
});

test("a document is changed by a patch of either kind", async () => {
  const url = `${box}patched.ttl`;
  await files.createFile(url, NOTE, "text/turtle");

  await files.patchFile(url, `DELETE DATA { <> ${TITLE} "A note" }; INSERT DATA { <> ${TITLE} "B" }`, "application/sparql-update");
  assert.deepEqual(await stored(session, url), [`<${url}> ${TITLE} "B" .`]);

  const patch = `@prefix solid: <http://www.w3.org/ns/solid/terms#>.
    <> a solid:InsertDeletePatch; solid:deletes { <> ${TITLE} "B". }; solid:inserts { <> ${TITLE} "C". }.`;
  await files.patchFile(url, patch, "text/n3");
  assert.deepEqual(await stored(session, url), [`<${url}> ${TITLE} "C" .`]);
});

test("a folder is read: its files and folders with types and sizes", async () => {
  const root = await tree("read");

  const folder = await files.readFolder(root);

  assert.deepEqual(folder.folders.map((one) => one.name), ["inner"]);
  assert.deepEqual(folder.files.map((one) => [one.name, one.itemType, Number(one.size)]), [
    ["note.ttl", "Resource", NOTE.length],
  ]);
});

test("a file is copied and moved with its description", async () => {
  const root = await tree("single");

  await files.copyFile(`${root}note.ttl`, `${root}copies/note.ttl`);
  await files.move(`${root}note.ttl`, `${root}moved.ttl`);

  assert.deepEqual(await statuses([`${root}note.ttl`, `${root}note.ttl.meta`]), [404, 404]);
  for (const url of [`${root}copies/note.ttl`, `${root}moved.ttl`]) {
    assert.deepEqual(await stored(session, url), [`<${url}> ${TITLE} "A note" .`]);
    assert.equal((await stored(session, `${url}.meta`)).length, 1, url);
  }
});

test("a tree is copied with all that is in it", async () => {
  const root = await tree("from");

  await files.copyFolder(root, `${box}to/`);

  const copies = ["", "note.ttl", "note.ttl.meta", "inner/", "inner/image.svg"].map((name) => `${box}to/${name}`);
  assert.deepEqual(await statuses(copies), [200, 200, 200, 200, 200]);
  assert.equal((await content(session, `${box}to/inner/image.svg`)).text, "<svg/>");
  assert.deepEqual(await statuses([`${root}note.ttl`]), [200]);
});

test("a tree is copied with its policies, which then count there", async () => {
  const other = await signIn("OTHER");
  const root = await tree("shared");
  const rule = (name, agent, modes) =>
    `<#${name}> a acl:Authorization; acl:agent <${agent}>; acl:accessTo <./>; acl:default <./>; acl:mode ${modes}.`;
  const policy = `@prefix acl: <http://www.w3.org/ns/auth/acl#>.
    ${rule("owner", webId, "acl:Read, acl:Write, acl:Control")} ${rule("reader", otherWebId, "acl:Read")}`;
  await files.put(`${root}.acl`, { body: policy, headers: { "content-type": "text/turtle" } });

  await files.copyFolder(root, `${box}shared-too/`);

  assert.equal((await content(other, `${box}shared-too/inner/image.svg`)).status, 200);
  assert.equal((await content(other, `${box}`)).status, 403);
  await other.logout();
});

test("a tree is moved, and then deleted whole", async () => {
  const root = await tree("old");

  await files.move(root, `${box}new/`);

  const moved = ["", "note.ttl", "note.ttl.meta", "inner/", "inner/image.svg"].map((name) => `${box}new/${name}`);
  assert.deepEqual(await statuses([root, ...moved]), [404, 200, 200, 200, 200, 200]);

  await files.deleteFolder(`${box}new/`);

  assert.deepEqual(await statuses(moved), [404, 404, 404, 404, 404]);
});
