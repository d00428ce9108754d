// @solid-data-modules/contacts-rdflib: an address book as apps that share it keep it, over rdflib.js.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import ContactsModule from "@solid-data-modules/contacts-rdflib";
import * as rdf from "rdflib";
import { content, emptied, pod, signIn, stored, webId } from "./harness.mjs";

const box = `${pod}contacts/`;
const VCARD = "http://www.w3.org/2006/vcard/ns#";
const SOLID = "http://www.w3.org/ns/solid/terms#";
let session;

before(async () => {
  session = await signIn("OWNER");
  await emptied(session, box);
});

after(() => session.logout());

/** The module over a store that has read nothing yet. */
function fresh() {
  const store = rdf.graph();
  const fetcher = new rdf.Fetcher(store, { fetch: session.fetch });
  return new ContactsModule({ store, fetcher, updater: new rdf.UpdateManager(store) });
}

const document = (uri) => uri.split("#")[0];

async function holds(uri, ...lines) {
  const found = await stored(session, document(uri));
  for (const line of lines) assert.ok(found.includes(line), `${line} is not in\n${found.join("\n")}`);
}

test("an address book is created, with its documents", async () => {
  const uri = await fresh().createAddressBook({ containerUri: box, name: "Friends" });

  await holds(uri, `<${uri}> <http://purl.org/dc/elements/1.1/title> "Friends" .`);
  const book = await fresh().readAddressBook(uri);
  assert.deepEqual([book.title, book.contacts, book.groups], ["Friends", [], []]);
});

test("an address book of somebody is registered in their type index, and found there", async () => {
  const profile = document(webId);
  const index = `${pod}settings/publicTypeIndex.ttl`;
  const kind = `<> a <${SOLID}TypeIndex>, <${SOLID}ListedDocument>.`;
  await session.fetch(index, { method: "PUT", headers: { "content-type": "text/turtle" }, body: kind });
  const body = `INSERT DATA { <${webId}> <${SOLID}publicTypeIndex> <${index}> }`;
  await session.fetch(profile, { method: "PATCH", headers: { "content-type": "application/sparql-update" }, body });

  const uri = await fresh().createAddressBook({ containerUri: `${pod}private/`, name: "Colleagues", ownerWebId: webId });

  const found = await fresh().listAddressBooks(webId);
  assert.ok([...found.publicUris, ...found.privateUris].includes(uri), JSON.stringify(found));
});

test("a contact is created, read, renamed, and has numbers that come and go", async () => {
  const contacts = fresh();
  const addressBookUri = await contacts.createAddressBook({ containerUri: box, name: "Numbers" });
  const contact = { name: "Ada", email: "ada@mail.example", phoneNumber: "0118-999" };
  const uri = await contacts.createNewContact({ addressBookUri, contact });
  await holds(uri, `<${uri}> <${VCARD}fn> "Ada" .`);

  await contacts.renameContact({ contactUri: uri, newName: "Ada King" });
  const [phone] = (await contacts.readContact(uri)).phoneNumbers;
  await contacts.updatePhoneNumber({ phoneNumberUri: phone.uri, newPhoneNumber: "0119-000" });
  const email = await contacts.addNewEmailAddress({ contactUri: uri, newEmailAddress: "king@mail.example" });

  await holds(
    uri,
    `<${uri}> <${VCARD}fn> "Ada King" .`,
    `<${phone.uri}> <${VCARD}value> <tel:0119-000> .`,
    `<${email}> <${VCARD}value> <mailto:king@mail.example> .`,
  );
  const seen = await fresh().readContact(uri);
  assert.equal(seen.name, "Ada King");
  assert.deepEqual(seen.emails.map((one) => one.value).sort(), ["ada@mail.example", "king@mail.example"]);

  await contacts.removeEmailAddress({ contactUri: uri, emailAddressUri: email });

  const left = await stored(session, document(uri));
  assert.ok(!left.join("").includes("king@mail.example"));
});

test("a group is created, and gets and loses a member", async () => {
  const contacts = fresh();
  const addressBookUri = await contacts.createAddressBook({ containerUri: box, name: "Groups" });
  const contactUri = await contacts.createNewContact({ addressBookUri, contact: { name: "Grace" } });
  const groupUri = await contacts.createNewGroup({ addressBookUri, groupName: "Navy" });
  assert.deepEqual((await fresh().readAddressBook(addressBookUri)).groups, [{ uri: groupUri, name: "Navy" }]);

  await contacts.addContactToGroup({ contactUri, groupUri });

  await holds(groupUri, `<${groupUri}> <${VCARD}hasMember> <${contactUri}> .`);
  assert.deepEqual((await fresh().readGroup(groupUri)).members, [{ uri: contactUri, name: "Grace" }]);

  await contacts.removeContactFromGroup({ contactUri, groupUri });

  assert.ok(!(await stored(session, document(groupUri))).join("").includes("hasMember"));
  assert.equal((await content(session, document(contactUri))).status, 200);
});
