// @inrupt/solid-client-access-grants: its requests and grants are credentials of a service that only
// Enterprise Solid Server runs beside it. Here it finds that there is none, and can still read and pass on
// those that a pod keeps.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as grants from "@inrupt/solid-client-access-grants";
import { emptied, otherWebId, pod, signIn, webId } from "./harness.mjs";

const box = `${pod}grants/`;
const UI = "https://access.example/manage";
const GC = "https://w3id.org/GConsent#";
let session;
let mine;

before(async () => {
  session = await signIn("OWNER");
  mine = { fetch: session.fetch };
  await emptied(session, box);
});

after(() => session.logout());

/** A credential as the service makes them, without its signature's worth. */
function credential(url, type, subject) {
  return {
    "@context": ["https://www.w3.org/2018/credentials/v1", "https://schema.inrupt.com/credentials/v1.jsonld"],
    id: url,
    type: ["VerifiableCredential", type],
    issuer: "https://vc.example/",
    issuanceDate: "2026-01-01T00:00:00Z",
    expirationDate: "2036-01-01T00:00:00Z",
    credentialSubject: subject,
    proof: {
      type: "Ed25519Signature2020",
      created: "2026-01-01T00:00:00Z",
      proofPurpose: "assertionMethod",
      proofValue: "zNothing",
      verificationMethod: "https://vc.example/key",
    },
  };
}

async function put(url, type, subject) {
  const headers = { "content-type": "application/json" };
  const answer = await session.fetch(url, { method: "PUT", headers, body: JSON.stringify(credential(url, type, subject)) });
  assert.ok(answer.ok, `${answer.status} ${await answer.text()}`);
}

const request = (url) =>
  put(url, "SolidAccessRequest", {
    id: otherWebId,
    hasConsent: {
      mode: ["Read", "Append"],
      hasStatus: "ConsentStatusRequested",
      forPersonalData: [`${box}data.ttl`],
      isConsentForDataSubject: webId,
    },
  });

test("that there is no access grant service is found from a resource", async () => {
  await assert.rejects(grants.getAccessApiEndpoint(`${box}data.ttl`), /Unsupported authorization scheme: \[DPoP\]/);
});

test("the access management app is found in a profile, and on the way back the request", async () => {
  const url = `${box}request.jsonld`;
  await request(url);
  const profile = webId.split("#")[0];
  const ui = `<${webId}> <http://inrupt.com/ns/ess#ConsentManagementUI> <${UI}>.`;
  const headers = { "content-type": "application/sparql-update" };
  assert.ok((await session.fetch(profile, { method: "PATCH", headers, body: `INSERT DATA { ${ui} }` })).ok);
  assert.equal(await grants.getAccessManagementUi(webId, mine), UI);

  const redirected = await new Promise((redirectCallback, reject) => {
    const options = { ...mine, resourceOwner: webId, redirectCallback };
    grants.redirectToAccessManagementUi(url, "https://app.example/back", options).catch(reject);
  });
  const found = await grants.getAccessRequestFromRedirectUrl(redirected, mine);

  assert.equal(found.requestorRedirectUrl, "https://app.example/back");
  assert.deepEqual(grants.getResources(found.accessRequest), [`${box}data.ttl`]);
  assert.deepEqual(grants.getAccessModes(found.accessRequest), { read: true, append: true, write: false });
  assert.equal(grants.getRequestor(found.accessRequest), otherWebId);
});

test("a grant that a pod keeps is read", async () => {
  const url = `${box}grant.jsonld`;
  await put(url, "SolidAccessGrant", {
    id: webId,
    providedConsent: {
      mode: ["Read"],
      hasStatus: "ConsentStatusExplicitlyGiven",
      forPersonalData: [`${box}data.ttl`],
      isProvidedTo: otherWebId,
    },
  });

  const grant = await grants.getAccessGrant(url, mine);

  assert.deepEqual(grants.getTypes(grant).includes("SolidAccessGrant"), true);
  assert.equal(grants.getResourceOwner(grant), webId);
  assert.equal(grants.getRequestor(grant), otherWebId);
  assert.deepEqual(grants.getAccessModes(grant), { read: true, append: false, write: false });
});
