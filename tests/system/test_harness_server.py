"""The server that is started for the conformance test harness."""

import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from conformance.harness.server import HOST, NotStarted, serving
from tests.system.servers import LONG

pytestmark = pytest.mark.system


@contextlib.asynccontextmanager
async def asking(base: str, authority: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client that finds the host of the base URL on this machine, and believes the authority."""
    context = ssl.create_default_context(cafile=authority)
    async with httpx.AsyncClient(base_url=base, verify=context, timeout=LONG, trust_env=False) as client:
        client.event_hooks["request"].append(_found_here)
        yield client


async def _found_here(request: httpx.Request) -> None:
    request.url = request.url.copy_with(host="127.0.0.1")
    request.extensions = {**request.extensions, "sni_hostname": HOST}


async def test_it_speaks_tls_and_has_two_people_whose_credentials_are_good(tmp_path: Path) -> None:
    async with serving(tmp_path) as tested:
        told = tested.environment
        issuer = told["SOLID_IDENTITY_PROVIDER"]
        async with asking(issuer, tmp_path / "authority.pem") as client:
            configuration = (await client.get(".well-known/openid-configuration")).json()
            for name in ("ALICE", "BOB"):
                profile = await client.get(told[f"USERS_{name}_WEBID"])
                credentials = (told[f"USERS_{name}_CLIENTID"], told[f"USERS_{name}_CLIENTSECRET"])
                form = {"grant_type": "client_credentials"}
                refusal = await client.post(configuration["token_endpoint"], data=form, auth=credentials)

                assert issuer in profile.text
                # The secret is right, so the proof that lacks is all that is wrong.
                assert refusal.json()["error"] == "invalid_dpop_proof"

    assert configuration["issuer"] == issuer


async def test_what_hinders_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("This is no directory.")

    with pytest.raises(NotStarted, match="rhizome:"):
        async with serving(tmp_path):
            pytest.fail("It started.")
