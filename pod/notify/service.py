"""Everything under `/.notifications/`: services that take subscriptions, the channels they make, and streams."""

import functools
import hmac
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qs

from pod.config import Settings, is_loopback
from pod.errors import Forbidden, Malformed, NotAllowed, NotFound, PodError, Unauthenticated, Unprocessable
from pod.http import body
from pod.http.answer import NOSNIFF, VARY
from pod.http.connection import EXTENSION
from pod.http.peers import peer_name
from pod.http.request import Header, Receive, Request, Response, Send
from pod.http.request import Message as Scope
from pod.model.agent import ANYONE, Agent
from pod.model.resource import Uri
from pod.notify import describing, stream, websocket, wishes
from pod.notify.cursors import Cursors, Tickets
from pod.notify.feed import Position
from pod.notify.hub import Hub
from pod.notify.listening import Ending, Listener, Opened
from pod.notify.pushing import Pusher
from pod.notify.signing import Signer, is_https
from pod.notify.subscriptions import Subscription, Subscriptions, Wish
from pod.notify.webpush import Vapid, require_keys
from pod.notify.websocket import Legacy, Socket
from pod.rdf import formats, negotiate
from pod.rdf.graph import Triple
from pod.resources import Resources

PLACE = ".notifications/"
WEB_SOCKET, EVENT_SOURCE, STREAMING = "WebSocketChannel2023", "EventSourceChannel2023", "StreamingHTTPChannel2023"
WEBHOOK, INBOX, WEB_PUSH = "WebhookChannel2023", "LDNChannel2023", "WebPushChannel2023"
PUSHED = (WEBHOOK, INBOX, WEB_PUSH)
CHANNELS = (WEB_SOCKET, EVENT_SOURCE, STREAMING, *PUSHED)
LARGEST = 64 * 1024
"""Bytes of a request for a subscription."""
SECOND = 1_000_000
TICKET_SECONDS = 60
"""How long a ticket that was asked for opens streams."""
SESSION_SECONDS = 600
"""How long one in Updates-Via does, where the credentials do not end earlier."""
GRACE = 60 * SECOND
"""Who receives for the first time within this time of subscribing misses nothing in between."""
_READ = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Sending:
    """What sends of its own accord, and the keys that it uses."""

    pusher: Pusher
    signer: Callable[[], Awaitable[Signer]]
    vapid: Callable[[], Awaitable[Vapid]]


class Live:
    """Answers requests and opens sockets under the server's place for notifications."""

    def __init__(
        self,
        resources: Resources,
        hub: Hub,
        subscriptions: Subscriptions,
        marks: tuple[Cursors, Tickets],
        clock: Callable[[], int],
        settings: Settings,
        *,
        sending: Sending,
    ) -> None:
        self._resources = resources
        self._hub = hub
        self._subscriptions = subscriptions
        self._cursors, self._tickets = marks
        self._clock = clock
        self._sending = sending
        self._allow_loopback = settings.allow_loopback
        self._base_url = settings.base_url
        self._uri_limit = settings.limits.uri
        self._days = settings.live.subscription_days
        self._place = f"{settings.base_url}{PLACE}"
        self._sockets = f"ws{self._place.removeprefix('http')}"

    def describes(self, root: Uri) -> Sequence[Triple]:
        """What the description of the storage at `root` says of notifications (notify-subscription)."""
        return tuple(describing.storage(root, self._services(), f"{self._place}gateway"))

    def description(self, topic: Uri) -> bytes:
        """What is said of notifications about a single resource (resource-server-description-resource-response)."""
        return describing.resource(topic, self._services())

    def _services(self) -> Iterator[tuple[Uri, str]]:
        return ((self._service(channel), channel) for channel in CHANNELS)

    def updates_via(self, agent: Agent) -> Header:
        """Where a client that read something finds the older kind of socket; apps that use it send no credentials."""
        address = f"{self._sockets}{websocket.LEGACY}"
        if agent.webid is not None:
            # The same for a minute, so that not each answer costs a signature.
            minute = self._clock() // (60 * SECOND) * 60
            opens = min(agent.until or minute + SESSION_SECONDS, minute + SESSION_SECONDS)
            address = f"{address}?ticket={self._tickets.issue(agent, opens)}"
        return (b"updates-via", address.encode())

    def _service(self, channel: str) -> Uri:
        return Uri(f"{self._place}{channel}/")

    async def respond(self, request: Request, uri: Uri, agent: Agent) -> Response | None:
        """The answer; None for what is not here. Raises what went wrong."""
        if not uri.startswith(self._place):
            return None
        first, slash, rest = uri.removeprefix(self._place).partition("/")
        match first, slash, rest:
            case ("stream", "", ""):
                return await self._stream(request, agent)
            case ("receive", "/", key) if key:
                return await self._receive(request, key)
            case ("tickets", "", ""):
                return self._ticket(request, agent)
            case ("sender", "", ""):
                return await self._sender(request)
            case ("gateway", _, _):
                return await self._gateway(request, rest, agent)
            case (channel, "/", "") if channel in CHANNELS:
                return await self._offer(request, channel, agent)
            case (channel, "/", identifier) if channel in CHANNELS:
                return await self._channel(request, channel, identifier, agent)
        raise NotFound("Nothing is here; the description of a storage names the services for notifications.")

    async def _offer(self, request: Request, channel: str, agent: Agent) -> Response:
        """A service: what it is, or a new channel."""
        # subscription-server-subscription-request-methods
        allow: Header = (b"allow", b"GET, HEAD, OPTIONS, POST")
        accept: Header = (b"accept-post", f"{formats.JSON_LD}, {formats.TURTLE}".encode())
        match request.method:
            case "GET" | "HEAD":
                key = (await self._sending.vapid()).public if channel == WEB_PUSH else None
                return _rdf(request, self._service(channel), tuple(describing.service(channel, key)), allow, accept)
            case "OPTIONS":
                return Response(204, [allow, accept, VARY, NOSNIFF])
            case "POST":
                content = await _content(request)
                media_type = request.content_type or formats.JSON_LD
                wish = wishes.parse(content, media_type, self._service(channel), channel)
                made = await self._subscribe(wish, agent)
                location: Header = (b"location", self._id(made).encode())
                answer = _rdf(request, self._id(made), self._facts(made), location)
                # ldnch-server-receiver, wp-response
                answer.status = 201 if channel in {INBOX, WEB_PUSH} else 200
                return answer
        raise NotAllowed("A service is read, or asked for a channel by POST.", (*_READ, "POST"))

    async def _subscribe(self, wish: Wish, agent: Agent) -> Subscription:
        topic = wishes.topic(wish.topic, self._base_url, self._uri_limit)
        # ws-authorization, es-authorization
        await self._resources.require_reader(agent, topic)
        root = await self._resources.root(topic)
        if root is None:
            raise NotFound("Nothing is here.")
        now = self._clock()
        latest = now + self._days * 24 * 3600 * SECOND
        # notify-endAt: the server may shorten it, and says what holds.
        end = latest if wish.end is None else min(wish.end, latest)
        if end <= now:
            raise Unprocessable("The time at which the subscription is to end is over.")
        granted = replace(wish, topic=topic, end=end)
        self._require_sendable(granted, agent)
        made = await self._subscriptions.add(granted, agent, root, await self._hub.head())
        if wish.channel in PUSHED and await self._hub.differs(agent, topic, wish.state):
            await self._sending.pusher.remind(made)
        return made

    def _require_sendable(self, wish: Wish, agent: Agent) -> None:
        """Raise unless the server is asked to send to somewhere exactly if the channel is of that kind."""
        if wish.channel not in PUSHED:
            if wish.send_to is not None:
                raise Unprocessable("Messages of this channel are received, and not sent to somewhere.")
            return
        # wh-client-auth
        if agent.webid is None:
            raise Unauthenticated("Only who is known can have messages sent. Sign in to go on.")
        # wh-sendTo-https
        if wish.send_to is None or not (is_https(wish.send_to) or (self._allow_loopback and is_loopback(wish.send_to))):
            raise Unprocessable("The request must say in sendTo where messages are sent: an https URL.")
        if wish.channel == WEB_PUSH:
            require_keys(wish)

    def _id(self, one: Subscription) -> str:
        return f"{self._service(one.wish.channel)}{one.id}"

    def _facts(self, one: Subscription) -> tuple[describing.Fact, ...]:
        if one.wish.channel in PUSHED:
            # wh-response-sender, ldnch-response-sender
            return tuple(describing.channel(one, sender=f"{self._place}sender"))
        # notify-receiveFrom
        place = self._sockets if one.wish.channel == WEB_SOCKET else self._place
        return tuple(describing.channel(one, receive_from=f"{place}receive/{one.id}.{one.secret}"))

    async def _channel(self, request: Request, channel: str, identifier: str, agent: Agent) -> Response:
        """One channel, for who made it: to look at, or to end."""
        found = await self._subscriptions.get(identifier)
        if found is None or found.wish.channel != channel:
            raise NotFound("There is no such channel; perhaps it has ended.")
        # What nobody known has made belongs to whoever knows its id.
        if found.agent.webid != agent.webid and found.agent.webid is not None:
            if agent.webid is None:
                raise Unauthenticated("The channel is for who made it. Sign in to go on.")
            raise Forbidden("The channel is for who made it.")
        match request.method:
            case "GET" | "HEAD":
                return _rdf(request, self._id(found), self._facts(found))
            case "OPTIONS":
                return Response(204, [(b"allow", b"GET, HEAD, OPTIONS, DELETE"), VARY, NOSNIFF])
            case "DELETE":
                await self._subscriptions.remove(found)
                self._hub.end_subscription(found.id)
                return Response(204, [VARY, NOSNIFF])
        raise NotAllowed("A channel is read or deleted.", (*_READ, "DELETE"))

    async def _sender(self, request: Request) -> Response:
        """The keys of who signs what is sent: as JSON, whatever is asked for."""
        _require(request, "GET")
        content = (await self._sending.signer()).jwks()
        length: Header = (b"content-length", b"%d" % len(content))
        return Response(200, [(b"content-type", b"application/jwk-set+json"), length, VARY, NOSNIFF], content)

    def _ticket(self, request: Request, agent: Agent) -> Response:
        _require(request, "POST")
        opens = self._clock() / SECOND + TICKET_SECONDS
        return _json({"ticket": self._tickets.issue(agent, opens), "seconds": TICKET_SECONDS})

    async def _gateway(self, request: Request, protocol: str, agent: Agent) -> Response:
        """The protocol before Solid Notifications, which @inrupt/solid-client-notifications speaks."""
        _require(request, "POST")
        asked = _object(await _content(request))
        if not protocol:
            wanted = asked.get("protocols")
            if isinstance(wanted, list) and "ws" not in wanted:
                raise Unprocessable("Of the protocols asked for there is none here; there is ws.")
            return _json({"endpoint": f"{self._place}gateway/ws", "protocol": "ws", "features": []})
        topic = asked.get("topic")
        if protocol != "ws" or not isinstance(topic, str):
            raise Unprocessable("The request must name a topic.")
        made = await self._subscribe(Wish(WEB_SOCKET, Uri(topic)), agent)
        receive = f"{self._sockets}receive/{made.id}.{made.secret}"
        return _json({"endpoint": receive, "protocol": "ws", "subprotocol": websocket.LEGACY})

    async def _receive(self, request: Request, key: str) -> Response:
        _require(request, "GET")
        subscription = await self._by_key(key)
        if subscription.wish.channel not in {EVENT_SOURCE, STREAMING}:
            raise Malformed("This is not the address of a stream.")
        opened = await self._opened(request, subscription)
        kind = stream.EVENTS if subscription.wish.channel == EVENT_SOURCE else subscription.wish.accept
        return await self._streaming(request, opened, kind)

    async def _by_key(self, key: str) -> Subscription:
        identifier, _, secret = key.partition(".")
        found = await self._subscriptions.get(identifier)
        if found is None or not hmac.compare_digest(found.secret.encode(), secret.encode()):
            raise NotFound("There is no such channel; perhaps it has ended.")
        await self._resources.require_reader(found.agent, found.wish.topic)
        return found

    async def _opened(self, request: Request, one: Subscription) -> Opened:
        wish = one.wish
        listener = Listener(
            one.agent,
            wish.topic,
            below=wish.below,
            media_type=wish.accept,
            rate=wish.rate,
            start=wish.start or 0,
            end=wish.end,
            subscription=one.id,
            peer=peer_name(request.peer),
        )
        after = self._after(request)
        if after is None and self._clock() - one.created < GRACE:
            past = wish.start is not None and wish.start < one.created
            after = await self._hub.before(wish.start or 0) if past else Position(one.since)
        return Opened(listener, after, wish.state if self._after(request) is None else None)

    def _after(self, request: Request) -> Position | None:
        """The place after which the client goes on; Malformed when what it names is none."""
        text = request.get(b"last-event-id") or _parameter(request, "after")
        if not text:
            return None
        position = self._cursors.position(text)
        if position is None:
            raise Malformed("The place to go on after is none of this server; connect without it, and read anew.")
        return position

    async def _stream(self, request: Request, agent: Agent) -> Response:
        """A stream about a resource without a subscription; it ends with the credentials that opened it."""
        _require(request, "GET")
        agent = self._bearer(request, agent)
        topic = wishes.topic(_parameter(request, "topic"), self._base_url, self._uri_limit)
        await self._resources.require_reader(agent, topic)
        accept = request.get(b"accept") or formats.JSON_LD
        events = stream.EVENTS in accept
        kind = formats.JSON_LD if events else formats.essence(negotiate.choose(accept, formats.JSON_LD))
        below = _parameter(request, "below") in {"1", "true"} and topic.endswith("/")
        listener = Listener(agent, topic, below=below, media_type=kind, end=_end(agent), peer=peer_name(request.peer))
        return await self._streaming(
            request, Opened(listener, self._after(request), None), stream.EVENTS if events else kind
        )

    def _bearer(self, request: Request, agent: Agent) -> Agent:
        """Who the ticket in the query is of, if there is one."""
        ticket = _parameter(request, "ticket")
        return agent if not ticket else self._tickets.agent(ticket, self._clock() / SECOND)

    async def _streaming(self, request: Request, opened: Opened, kind: str) -> Response:
        listener = opened.listener
        connection = request.extensions.get(EXTENSION)
        if connection is not None:
            listener.ready, listener.abort = connection.ready, connection.abort
            connection.ending = functools.partial(listener.finish, Ending.STOPPED)
        cursor = self._cursors.text(opened.after or Position(await self._hub.head()))
        self._hub.admit(listener)
        frames = stream.Frames(kind)
        pieces = stream.body(self._hub, opened, request.receive, frames, cursor)
        headers = [
            (b"content-type", kind.encode()),
            (b"cache-control", b"no-store"),
            # Some servers in between keep an answer back until it is whole.
            (b"x-accel-buffering", b"no"),
            VARY,
            NOSNIFF,
        ]
        return Response(200, headers, pieces)

    async def connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI: one WebSocket, to its end."""
        socket = Socket(scope, receive, send)
        await receive()
        try:
            await self._connect(socket)
        except PodError as error:
            await socket.refuse(error)

    async def _connect(self, socket: Socket) -> None:
        request = socket.request
        path: str = socket.scope["path"]
        first, _, key = path.removeprefix(f"/{PLACE}").partition("/")
        if not path.startswith(f"/{PLACE}") or first not in {"receive", websocket.LEGACY}:
            raise NotFound("There is no WebSocket here.")
        if first == websocket.LEGACY:
            agent = self._bearer(request, replace(ANYONE, origin=request.get(b"origin")))
            legacy = Legacy(
                socket, self._hub, self._resources, agent, self._resolve, _end(agent), peer_name(request.peer)
            )
            await legacy.serve()
            return
        subscription = await self._by_key(key)
        if subscription.wish.channel != WEB_SOCKET:
            raise Malformed("This is no address of a WebSocket.")
        opened = await self._opened(request, subscription)
        await websocket.serve(socket, self._hub, opened)

    def _resolve(self, text: str) -> Uri:
        return wishes.topic(text, self._base_url, self._uri_limit)


def _end(agent: Agent) -> int | None:
    return None if agent.until is None else int(agent.until * SECOND)


def _require(request: Request, method: str) -> None:
    if request.method != method:
        raise NotAllowed(f"This is for {method} alone.", (method, "OPTIONS"))


def _parameter(request: Request, name: str) -> str:
    return parse_qs(request.query).get(name, [""])[0]


async def _content(request: Request) -> bytes:
    return await body.whole(body.limited(request, LARGEST, 10))


def _object(content: bytes) -> Mapping[str, object]:
    try:
        found = json.loads(content)
    except ValueError as error:
        raise Malformed("The request is not JSON.") from error
    if not isinstance(found, dict):
        raise Malformed("The request must be a JSON object.")
    return found


def _json(document: Mapping[str, object]) -> Response:
    content = json.dumps(document).encode()
    headers: Iterator[Header] = iter(((b"content-type", b"application/json"), (b"cache-control", b"no-store")))
    return Response(200, [*headers, (b"content-length", b"%d" % len(content)), VARY, NOSNIFF], content)


def _rdf(request: Request, subject: str, facts: Sequence[describing.Fact], *extra: Header) -> Response:
    """A description in the media type that the client likes best (subscription-server-subscription-request-accept)."""
    media_type = negotiate.choose(request.get(b"accept"), formats.JSON_LD)
    content = describing.encoded(subject, facts, media_type)
    headers = [(b"content-type", media_type.encode()), (b"content-length", b"%d" % len(content))]
    shown = b"" if request.method == "HEAD" else content
    return Response(200, [*headers, (b"cache-control", b"no-store"), VARY, NOSNIFF, *extra], shown)
