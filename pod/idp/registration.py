"""Registration: how a client without a document gets an id (RFC 7591)."""

from pod.auth.keys import Json, KeyFault, json_object
from pod.errors import Malformed
from pod.idp import codes
from pod.idp.clients import Clients
from pod.idp.endpoints import NO_STORE, Answer, error


async def register(clients: Clients, body: bytes) -> Answer:
    """A new client (RFC 7591). What it says and nobody here understands is passed over."""
    try:
        client, secret = await clients.register(json_object(body))
    except KeyFault:
        return error("invalid_client_metadata", "The metadata must be a JSON object.")
    except Malformed as refused:
        code = "invalid_redirect_uri" if "redirect_uris" in refused.message else "invalid_client_metadata"
        return error(code, refused.message)
    found: dict[str, Json] = {
        "client_id": client.id,
        "client_id_issued_at": client.created // codes.SECOND,
        "client_name": client.name,
        "redirect_uris": list(client.redirect_uris),
        "grant_types": list(client.grant_types),
        "response_types": ["code"],
        "token_endpoint_auth_method": client.auth_method,
        "id_token_signed_response_alg": client.algorithm,
        "application_type": "native" if client.native else "web",
        "scope": " ".join(client.scopes) or "openid profile webid offline_access",
        "subject_type": "public",
    }
    if client.logout_uris:
        found["post_logout_redirect_uris"] = list(client.logout_uris)
    if secret is not None:
        # The registration lives on while it is used, so that the secret does too.
        found |= {"client_secret": secret, "client_secret_expires_at": 0}
    return Answer(201, found, NO_STORE)
