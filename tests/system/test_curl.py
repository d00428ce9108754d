"""What a newcomer types: curl against a fresh server, each command with the answer that it gives."""

import os
import shlex
import shutil
import subprocess

import pytest

from tests.system.conftest import Serve

pytestmark = pytest.mark.system

TRANSCRIPT = r"""
$ curl -X PUT -H 'Content-Type: text/turtle' -d '<#it> <http://schema.org/name> "Hello, pod!".' {place}note.ttl
201
$ curl {place}note.ttl
200 <#it> <http://schema.org/name> "Hello, pod!".
$ curl -H 'Accept: application/ld+json' {place}note.ttl
200 [{{"@id":"{place}note.ttl#it","http://schema.org/name":[{{"@value":"Hello, pod!"}}]}}]
$ curl -H 'Accept: application/n-triples' {place}note.ttl
200 <{place}note.ttl#it> <http://schema.org/name> "Hello, pod!" .
$ curl -H 'Accept: image/png' {place}note.ttl
406 {{"type": "about:blank"
$ curl -X PATCH -H 'Content-Type: text/n3' {place}note.ttl --data-raw '
>     @prefix solid: <http://www.w3.org/ns/solid/terms#>.
>     _:patch a solid:InsertDeletePatch; solid:inserts {{ <#it> <http://schema.org/text> "More." }}.'
204
$ curl -X PATCH -H 'Content-Type: application/sparql-update' {place}note.ttl
>     -d 'DELETE DATA {{ <#it> <http://schema.org/name> "Hello, pod!" }}'
204
$ curl -H 'Accept: application/n-triples' {place}note.ttl
200 <{place}note.ttl#it> <http://schema.org/text> "More." .
$ curl -X POST -H 'Slug: picture.png' -H 'Content-Type: image/png' --data-binary 'no picture' {place}
201
$ curl {place}picture.png
200 no picture
$ curl -r 3-9 {place}picture.png
206 picture
$ curl -X POST -H 'Slug: folder' -H 'Link: <http://www.w3.org/ns/ldp#BasicContainer>; rel="type"' {place}
201
$ curl -T {file} {place}folder/upload.txt -H 'Content-Type: text/plain'
201
$ curl --http2 -T {file} {place}folder/upload.txt -H 'Content-Type: text/plain'
204
$ curl {place}folder/upload.txt
200 from a file
$ curl -I {place}folder/upload.txt
200
$ curl -X DELETE {place}folder/
409 {{"type": "about:blank"
$ curl -X DELETE {place}folder/upload.txt
205
$ curl -X DELETE {place}folder/
205
$ curl -X PUT -H 'Content-Type: text/turtle' -d 'This is no Turtle.' {place}bad.ttl
400 {{"type": "about:blank"
$ curl {place}bad.ttl
404 {{"type": "about:blank"
$ curl {url}demo/settings/prefs.ttl
401 {{"type": "about:blank"
"""


def test_a_newcomer_reads_and_writes_with_curl(serve: Serve) -> None:
    curl = shutil.which("curl")
    if curl is None:
        assert not os.environ.get("CI"), "curl must be there"
        pytest.skip("curl is not installed")
    server = serve("--demo")
    file = server.data.parent / "upload.txt"
    file.write_text("from a file")
    text = TRANSCRIPT.format(url=server.url, place=f"{server.url}demo/playground/", file=file)
    exchanges = text.replace("\n>", "\r").strip().removeprefix("$ ").split("\n$ ")

    for exchange in exchanges:
        command, expected = exchange.split("\n", 1)
        arguments = [curl, "-sS", "-w", "\n%{http_code}", *shlex.split(command.replace("\r", "\n"))[1:]]
        ended = subprocess.run(arguments, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
        body, _, status = ended.stdout.rpartition("\n")
        assert f"{status} {body}".strip().startswith(expected), f"{command}\n{status} {body}"
    assert len(exchanges) == 22
