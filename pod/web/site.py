"""From a page to an answer: who may see it, what was sent with a form, as HTML for people or JSON for programs."""

import json
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from pod import events
from pod.auth.identify import challenge
from pod.errors import Busy, Forbidden, Malformed, NotAcceptable, PodError, Throttled, Unauthenticated
from pod.http import html, problem
from pod.http.connection import EXTENSION
from pod.http.texts import DEFAULT, LANGUAGES, Texts
from pod.web import guard
from pod.web import visit as visits
from pod.web.live import Reader
from pod.web.page import Data, Download, Form, Go, Json, Leave, Page, Refusal, Stream, Values, as_json, checked
from pod.web.parts import Parts
from pod.web.paths import PLACE
from pod.web.visit import SignInFirst, Visit

PageOf = Callable[[Visit], Awaitable[Page | Go | Leave | Download]]
"""What a page is for a visit; everything that can be done on it is in its forms."""
JSON = "application/json"
CSRF, NAME, KEY = "csrf", "form", "key"
"""The fields of every form: its token, which form of the page it is, and of which thing."""
_PASSING = {"done", visits.KEY, visits.MARK}
"""What stands in the address of a page without being part of it."""
SIGN_IN_PATH = "/.account/sign-in"


def endpoint(page_of: PageOf, parts: Parts) -> Callable[[Request], Awaitable[Response]]:
    """Answers requests for the page."""

    async def answer(request: Request) -> Response:
        visit = None
        try:
            visit = await visits.begun(request, parts)
            response = _answered(visit, await _found(visit, page_of))
        except Exception as error:  # noqa: BLE001 - whatever it is, the person is told and the log keeps it
            response = _failed(visit or _stranger(request, parts), error)
        return response

    return answer


async def _found(visit: Visit, page_of: PageOf) -> object:
    if visit.request.method == "POST":
        return await _done(visit, page_of)
    return await (_followed(visit, page_of) if visit.wants_stream else page_of(visit))


async def _followed(visit: Visit, page_of: PageOf) -> Stream:
    """What tells a browser that the page it shows is another one by now."""
    streams, session = visit.parts.streams, visit.require_session()
    assert visit.token is not None  # there is a session
    streams.require_room(session.account)
    moment = await streams.moment()
    page = await page_of(visit)
    if not isinstance(page, Page) or page.watched is None:
        raise NotAcceptable("This page does not change by itself.", (html.MEDIA_TYPE, JSON))
    reader = Reader(session.account, visit.token, visit.request.scope.get("extensions", {}).get(EXTENSION))
    return Stream(streams.events(reader, page.watched, moment, stale=visit.query(visits.MARK) != page.mark))


def _stranger(request: Request, parts: Parts) -> Visit:
    return Visit(request, parts, Texts(DEFAULT), visits.prefers_json(request))


async def _done(visit: Visit, page_of: PageOf) -> object:
    """What comes of a form that was sent; the page again, when something is wrong with it."""
    given = await visits.sent(visit)
    _require_shown_here(visit, given)
    page = await page_of(visit)
    if not isinstance(page, Page):
        return page
    form = _form(page, given)
    try:
        values = checked(form, given, visit.texts)
        return await form.act(values)
    except SignInFirst:
        raise
    except PodError as error:
        if visit.wants_json:
            raise
        return _again(visit, page, form, given, error)


def _require_shown_here(visit: Visit, given: Mapping[str, object]) -> None:
    """Raise Forbidden unless the form was shown by a page to this browser, or comes from no browser at all."""
    if visit.is_bearer:
        return
    source = visits.source(visit.request)
    guard.require_own(source, visit.parts.settings.account_url)
    if visit.session is None and not visit.browser:
        if not visit.request.headers.get("content-type", "").startswith(JSON):
            raise Forbidden("Your browser keeps no cookies for this site; allow them, and reload the page.")
        return
    fields = given.get(CSRF)
    token = source.token or (fields[0] if isinstance(fields, list | tuple) and fields else None)
    guard.require_token(token, visit.csrf)


def _form(page: Page, given: Mapping[str, object]) -> Form:
    name, key = _first(given, NAME), _first(given, KEY)
    form = page.form(name, key) if name else (page.forms[0] if page.forms else None)
    if form is None:
        raise Malformed("There is nothing of this kind to do on this page; it may have changed meanwhile.")
    return form


def _first(given: Mapping[str, object], name: str) -> str:
    values = given.get(name)
    return str(values[0]) if isinstance(values, list | tuple) and values else ""


def _again(visit: Visit, page: Page, form: Form, given: Mapping[str, object], error: PodError) -> Page:
    """The page with what is wrong, where it is."""
    # A 401 would have to name a scheme of HTTP (RFC 9110, 15.5.2), and this is a form.
    status = {401: 403}.get(found := _status(error), found)
    values: Values = {
        name: tuple(map(str, sent)) if len(sent) != 1 else str(sent[0])
        for name, sent in given.items()
        if isinstance(sent, list | tuple)
    }
    if isinstance(error, Refusal):
        return page.refused(form, values, error.faults, "", 422)
    message = visit.texts.sentence(error.message)
    blamed = form.blame or next((one.name for one in form.shown), "")
    faults = {blamed: message} if blamed and status in {400, 409, 422} else {}
    return page.refused(form, values, faults, "" if faults else message, status)


def _answered(visit: Visit, answer: object) -> Response:
    match answer:
        case Page():
            response = _shown(visit, answer)
        case Go() if visit.wants_json:
            response = _json(
                {"done": visit.texts.say(answer.done) if answer.done else "", "next": answer.to, **answer.facts}
            )
        case Go():
            mark = "&" if "?" in answer.to else "?"
            done = f"{mark}{urlencode({'done': answer.done.removeprefix('done.')})}" if answer.done else ""
            response = RedirectResponse(answer.to + done, 303)
        case Leave() if visit.wants_json:
            response = _json({"next": answer.url})
        case Leave():
            response = RedirectResponse(answer.url, 303)
        case Data():
            response = _json(answer.facts)
        case Download():
            return _sent(visit, answer)
        case Stream():
            response = StreamingResponse(answer.events, media_type=visits.EVENTS)
            # Some servers in between keep an answer back until it is whole.
            response.headers["x-accel-buffering"] = "no"
        case _:
            raise TypeError(f"a page gave {answer!r}")
    return _completed(visit, response)


def _sent(visit: Visit, download: Download) -> Response:
    """A file, of whatever kind: nothing that it could do is done in the name of this site."""
    response = _completed(visit, StreamingResponse(download.content, media_type=download.media_type))
    # RFC 6266: the name in ASCII for who knows no better, and as it is.
    plain = "".join(one if one.isascii() and (one.isalnum() or one in "-_. ") else "_" for one in download.name)
    place = "inline" if download.shown else "attachment"
    named = f"filename=\"{plain}\"; filename*=UTF-8''{quote(download.name, safe='')}"
    response.headers["content-disposition"] = f"{place}; {named}"
    if download.size is not None:
        response.headers["content-length"] = str(download.size)
    for name, value in guard.CONTENT:
        response.headers[name] = value
    return response


def _completed(visit: Visit, response: Response) -> Response:
    settings = visit.parts.settings
    for name, value in guard.headers(settings.account_url, settings.identity.hsts_seconds, visit.targets):
        response.headers[name] = value
    for cookie in visit.set_cookies:
        response.headers.append("set-cookie", cookie)
    if visit.signed:
        # Federated Credential Management, 3.1: Login Status
        response.headers["set-login"] = visit.signed
    response.headers["content-language"] = visit.texts.language
    return response


def _json(facts: Mapping[str, Json], status: int = 200) -> Response:
    return Response(json.dumps(facts, ensure_ascii=False), status, media_type=JSON)


def _shown(visit: Visit, page: Page) -> Response:
    notice = visit.query("done")
    if notice and not page.notice and visit.request.method == "GET" and visit.texts.has(f"done.{notice}"):
        page = replace(page, notice=visit.texts.say(f"done.{notice}"))
    if visit.wants_json:
        told = {**as_json(page, visit.texts, visit.path)}
        if not visit.is_bearer and (visit.session is not None or visit.browser):
            told["csrf"] = visit.csrf
        return _json(told, page.status)
    if page.forms:
        visit.require_browser()
    return Response(_html(visit, page), page.status, media_type="text/html")


def _html(visit: Visit, page: Page) -> bytes:
    texts = visit.texts
    return html.render(
        f"account/{page.name}.html",
        "account/plain.html",
        page=page,
        facts=page.facts,
        title=texts.say(f"{page.name}.title", **page.titled),
        texts=texts,
        t=texts.show,
        csrf=visit.csrf,
        account=visit.account,
        path=visit.path,
        live=_live(visit, page),
        action=visit.path + (f"?{visit.request.url.query}" if visit.request.url.query else ""),
        languages=LANGUAGES,
    )


def _live(visit: Visit, page: Page) -> str:
    """The address of the stream of the page; empty where there is none."""
    if page.watched is None:
        return ""
    kept = [pair for pair in visit.request.query_params.multi_items() if pair[0] not in _PASSING]
    key = guard.stream_key(visit.csrf)
    # At the top of the server pages are one of several things, and only for who wants to see them.
    path = PLACE if visit.path == "/" else visit.path
    return f"{path}?{urlencode([*kept, (visits.KEY, key), (visits.MARK, page.mark)])}"


def _failed(visit: Visit, error: Exception) -> Response:
    """What is told of a failure: a page to sign in, a page that says what was wrong, or a problem document."""
    if isinstance(error, SignInFirst) and not visit.wants_json and not visit.wants_stream:
        return _completed(visit, RedirectResponse(_sign_in(visit, again=error.again), 303))
    instance = f"urn:uuid:{uuid.uuid4()}"
    if not isinstance(error, PodError):
        events.failed(instance, error)
        error = PodError("This is a fault of the server; its log tells more under this id.")
    status = _status(error)
    events.refused(instance, status, error.message)
    detail = visit.texts.sentence(error.message)
    if visit.wants_json:
        told = {"type": "about:blank", "title": problem.TITLES.get(status, problem.TITLES[500]), "status": status}
        told |= {"detail": detail, "instance": instance}
        told |= {"errors": dict(error.faults)} if isinstance(error, Refusal) else {}
        response = Response(json.dumps(told, ensure_ascii=False), status, media_type=problem.JSON)
    else:
        facts = {"status": status, "detail": detail, "instance": instance}
        page = Page("failure", facts, titled={"what": visit.texts.say(f"failure.s{status}")})
        response = Response(_html(visit, page), status, media_type="text/html")
    _add_headers(response, error)
    return _completed(visit, response)


def _add_headers(response: Response, error: PodError) -> None:
    match error:
        case Unauthenticated():
            response.headers["www-authenticate"] = challenge(error)
        case Throttled():
            response.headers["retry-after"] = str(error.seconds)
        case Busy():
            response.headers["retry-after"] = "1"


def _sign_in(visit: Visit, *, again: bool) -> str:
    """Where a person signs in, and comes back from."""
    query = visit.request.url.query
    here = f"{visit.path}?{query}" if query else visit.path
    return f"{SIGN_IN_PATH}?next={quote(here, safe='')}" + ("&again=1" if again else "")


def _status(error: PodError) -> int:
    return 422 if isinstance(error, Refusal) else problem.status(error)
