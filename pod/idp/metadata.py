"""What the provider says of itself (OpenID Connect Discovery; RFC 8414)."""

from collections.abc import Mapping

from pod.auth.keys import ALGORITHMS as PROOF_ALGORITHMS
from pod.auth.keys import Json
from pod.idp import authorization, documents
from pod.idp.keys import ALGORITHMS

PLACE = "/.oidc/"
OPENID = "/.well-known/openid-configuration"
OAUTH = "/.well-known/oauth-authorization-server"
JWKS = f"{PLACE}jwks"
WEB_IDENTITY = "/.well-known/web-identity"
SCOPES = ("openid", "webid", "profile", "email", "offline_access")


def configuration(base_url: str, account_url: str) -> Mapping[str, Json]:
    """The document, the same at both addresses; oidc-discovery-metadata, discovery-scopes-supported."""
    here, pages = f"{base_url}{PLACE[1:]}", f"{account_url}{PLACE[1:]}"
    return {
        "issuer": base_url,
        "authorization_endpoint": f"{pages}auth",
        "token_endpoint": f"{here}token",
        "jwks_uri": f"{base_url}{JWKS[1:]}",
        "registration_endpoint": f"{here}register",
        "userinfo_endpoint": f"{here}userinfo",
        "introspection_endpoint": f"{here}introspect",
        "revocation_endpoint": f"{here}revoke",
        "pushed_authorization_request_endpoint": f"{here}push",
        "end_session_endpoint": f"{pages}end-session",
        "require_pushed_authorization_requests": False,
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": list(authorization.MODES),
        "grant_types_supported": list(documents.GRANT_TYPES),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(ALGORITHMS),
        "token_endpoint_auth_methods_supported": list(documents.AUTH_METHODS),
        "introspection_endpoint_auth_methods_supported": list(documents.AUTH_METHODS),
        "revocation_endpoint_auth_methods_supported": list(documents.AUTH_METHODS),
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": list(PROOF_ALGORITHMS),
        "prompt_values_supported": list(authorization.PROMPTS),
        "claim_types_supported": ["normal"],
        "claims_supported": [
            "sub", "webid", "iss", "aud", "azp", "exp", "iat", "auth_time", "amr", "nonce", "at_hash", "sid", "cnf",
            "name", "email", "email_verified",
        ],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
        "client_id_metadata_document_supported": True,
    }  # fmt: skip
