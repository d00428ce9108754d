// The server as an identity provider, for clients that know nothing of it but its URL.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { Session } from "@inrupt/solid-client-authn-node";
import { createSolidTokenVerifier } from "@solid/access-token-verifier";
import * as oidc from "openid-client";
import { issuer, person, pod, script, webId } from "./harness.mjs";

const CALLBACK = "http://localhost:9/callback";
const SCOPE = "openid webid offline_access";
const insecure = { execute: [oidc.allowInsecureRequests] };

/** A browser without a screen: it keeps cookies, and does not follow redirects by itself. Pages it reads as data. */
class Browser {
  cookies = new Map();
  token;

  async send(url, options = {}) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const isPage = this.token && url.toString().startsWith(`${issuer}.account/`);
    const authorization = isPage ? { authorization: `Bearer ${this.token}` } : {};
    const headers = { accept: "application/json", ...options.headers, ...authorization, ...(cookie ? { cookie } : {}) };
    const answer = await fetch(url, { redirect: "manual", ...options, headers });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      this.cookies.set(name, value);
    }
    return answer;
  }

  async form(url, name, fields = {}) {
    const body = JSON.stringify({ form: name, ...fields });
    return this.send(url, { method: "POST", body, headers: { "content-type": "application/json" } });
  }
}

let browser;
let config;

before(async () => {
  browser = new Browser();
  const answer = await browser.form(`${issuer}.account/sign-in`, "sign-in", person);
  const { token } = await answer.json();
  assert.ok(token);
  browser.token = token;
  browser.cookies.set("rhizome", token);
  config = await oidc.dynamicClientRegistration(
    new URL(issuer),
    { client_name: "A test", redirect_uris: [CALLBACK] },
    undefined,
    insecure,
  );
});

/** Where the browser comes back to the app, once its person has agreed. */
async function agreed(url) {
  const asked = await browser.send(url);
  const page = asked.headers.get("location");
  if (page.startsWith(CALLBACK)) return new URL(page);
  const shown = await (await browser.send(page)).json();
  assert.equal(shown.page, "authorize");
  const answer = await browser.form(page, "allow", { webid: webId, scope: "everything", until: "forever", remember: true });
  assert.equal(answer.status, 200, await answer.clone().text());
  return new URL((await answer.json()).next);
}

/** The tokens of a whole code flow, with what they are bound to. */
async function flow(parameters = {}) {
  const keys = await oidc.randomDPoPKeyPair("ES256");
  const proofs = oidc.getDPoPHandle(config, keys);
  const [verifier, state, nonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()];
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: SCOPE,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
    ...parameters,
  });
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce };
  const tokens = await oidc.authorizationCodeGrant(config, await agreed(url), checks, undefined, { DPoP: proofs });
  return { keys, proofs, tokens };
}

test("openid-client finds the issuer, and all that it needs of it", async () => {
  const found = (await oidc.discovery(new URL(issuer), "x", undefined, undefined, insecure)).serverMetadata();

  assert.equal(found.issuer, issuer);
  assert.ok(found.supportsPKCE());
});

test("openid-client signs in with a code, and reads what its person may", async () => {
  const { proofs, tokens } = await flow();

  assert.equal(tokens.claims().webid, webId);
  const url = new URL(`${pod}settings/prefs.ttl`);
  const answer = await oidc.fetchProtectedResource(config, tokens.access_token, url, "GET", null, undefined, { DPoP: proofs });
  assert.equal(answer.status, 200);
});

test("openid-client signs in again without a page", async () => {
  await flow();

  const { tokens } = await flow({ prompt: "none" });

  assert.ok(tokens.refresh_token);
});

test("openid-client refreshes, and an old token is taken for stolen", async () => {
  const { proofs, tokens } = await flow();

  const second = await oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP: proofs });
  const third = await oidc.refreshTokenGrant(config, second.refresh_token, undefined, { DPoP: proofs });

  assert.equal(third.claims().webid, webId);
  const reused = oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP: proofs });
  await assert.rejects(reused, { error: "invalid_grant" });
});

test("openid-client pushes its request, asks about its tokens, and gives them back", async () => {
  const { proofs, tokens } = await flow();
  const verifier = oidc.randomPKCECodeVerifier();
  const pushed = await oidc.buildAuthorizationUrlWithPAR(config, {
    redirect_uri: CALLBACK,
    scope: SCOPE,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  assert.deepEqual([...pushed.searchParams.keys()].sort(), ["client_id", "request_uri"]);
  const again = await oidc.authorizationCodeGrant(config, await agreed(pushed), { pkceCodeVerifier: verifier }, undefined, {
    DPoP: proofs,
  });
  assert.ok(again.access_token);

  const before = await oidc.tokenIntrospection(config, tokens.access_token);
  await oidc.tokenRevocation(config, tokens.refresh_token);
  const afterwards = await oidc.tokenIntrospection(config, tokens.access_token);

  assert.deepEqual([before.active, afterwards.active], [true, false]);
  const info = await oidc.fetchUserInfo(config, again.access_token, webId, { DPoP: proofs });
  assert.equal(info.webid, webId);
});

test("@solid/access-token-verifier takes our tokens", async () => {
  const { keys, tokens } = await flow();
  const resource = "http://localhost:9/resource";
  const made = await proof(keys, "GET", resource, tokens.access_token);

  const found = await createSolidTokenVerifier()(`DPoP ${tokens.access_token}`, { header: made, method: "GET", url: resource });

  assert.equal(found.webid, webId);
  assert.equal(found.client_id, config.clientMetadata().client_id);
});

/** A proof for a resource server, as an app makes it. */
async function proof(keys, method, url, token) {
  const encode = (data) => Buffer.from(data).toString("base64url");
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", keys.publicKey);
  const ath = encode(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token)));
  const header = { typ: "dpop+jwt", alg: "ES256", jwk: { kty, crv, x, y } };
  const claims = { htm: method, htu: url, iat: Math.floor(Date.now() / 1000), jti: crypto.randomUUID(), ath };
  const signed = `${encode(JSON.stringify(header))}.${encode(JSON.stringify(claims))}`;
  const algorithm = { name: "ECDSA", hash: "SHA-256" };
  const signature = await crypto.subtle.sign(algorithm, keys.privateKey, new TextEncoder().encode(signed));
  return `${signed}.${encode(signature)}`;
}

test("@inrupt/solid-client-authn-node signs in with the id and secret of a script", async () => {
  const session = new Session();
  await session.login({ oidcIssuer: issuer, ...script });
  assert.equal(session.info.webId, webId);

  const url = `${pod}made-by-a-script.txt`;
  const put = await session.fetch(url, { method: "PUT", body: "x", headers: { "content-type": "text/plain" } });
  const got = await session.fetch(url);

  assert.deepEqual([put.status, await got.text()], [201, "x"]);
  await session.logout();
});

test("@inrupt/solid-client-authn-node registers, signs its person in, and may stay signed in", async () => {
  const session = new Session({ keepAlive: false });
  let wanted;
  await session.login({
    oidcIssuer: issuer,
    redirectUrl: CALLBACK,
    clientName: "A server",
    handleRedirect: (url) => {
      wanted = url;
    },
  });
  const tokens = [];
  session.events.on("newRefreshToken", (token) => tokens.push(token));

  const info = await session.handleIncomingRedirect((await agreed(wanted)).href);

  assert.equal(info.webId, webId);
  assert.equal(tokens.length, 1);
  assert.equal((await session.fetch(`${pod}settings/prefs.ttl`)).status, 200);
  await session.logout();
});
