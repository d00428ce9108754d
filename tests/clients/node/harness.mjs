// What the client tests share: who signs in, and where they may write.
import { Session } from "@inrupt/solid-client-authn-node";

const required = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} must be set; these tests are started by tests/system/test_node_clients.py`);
  return value;
};

export const pod = required("POD");
export const webId = required("WEBID");
export const otherWebId = required("OTHER_WEBID");

/** A session of someone whom the issuer knows, as an app on a server gets one. */
export async function signIn(prefix) {
  const session = new Session();
  await session.login({
    oidcIssuer: required("ISSUER"),
    clientId: required(`${prefix}_CLIENT_ID`),
    clientSecret: required(`${prefix}_CLIENT_SECRET`),
  });
  return session;
}
