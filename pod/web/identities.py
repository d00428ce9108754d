"""Who a person is to others, and where their things are: WebIDs and pods."""

from urllib.parse import quote, urlencode

from pod import events
from pod.errors import PodError
from pod.web import actors
from pod.web.page import Field, Form, Go, Link, Option, Page, Topic, Values, Watched
from pod.web.visit import Visit


async def webids(visit: Visit) -> Page:
    """The WebIDs of the account: those its pods host, and those that are linked."""
    account = visit.require_account()
    keeper = visit.parts.webids
    base_url = visit.parts.settings.base_url
    pods = await keeper.pods(account.id)

    async def default(values: Values) -> Go:
        await keeper.set_default(account, str(values["webid"]))
        return Go(visit.path, "done.saved")

    async def host(values: Values) -> Go:
        account = visit.require_recent()
        webid = await keeper.host(account, str(values["pod"]), str(values["webid_name"]))
        return Go(visit.path, "done.webid", {"webid": webid})

    async def link(values: Values) -> Go:
        webid = str(values["webid"]).strip()
        await keeper.link(visit.require_recent(), webid)
        return Go(f"/.account/link?webid={quote(webid, safe='')}")

    async def unlink(values: Values) -> Go:
        account, webid = visit.require_recent(), str(values["webid"])
        await keeper.unlink(account, webid)
        await visit.parts.provider.end_webid(account, webid)
        return Go(visit.path, "done.unlinked")

    forms: list[Form] = []
    for at, webid in enumerate(account.webids):
        hidden = (Field("webid", "hidden", value=webid),)
        if at:
            label = visit.texts.say("webids.default-label", webid=webid)
            forms.append(Form("default", default, hidden, label=label, key=str(at)))
        if not webid.startswith(base_url):
            label = visit.texts.say("webids.unlink-label", webid=webid)
            forms.append(Form("unlink", unlink, hidden, kind="danger", label=label, key=str(at)))
    if pods:
        names = tuple(Option(one.name, one.name, checked=at == 0) for at, one in enumerate(pods))
        fields = (Field("pod", "select", options=names), Field("webid_name", hint="webids.name-hint", longest=63))
        forms.append(Form("host", host, fields, blame="webid_name"))
    forms.append(Form("link", link, (Field("webid", "url", hint="webids.link-hint", longest=2048),)))
    told = [
        {"webid": one, "hosted": one.startswith(base_url), "default": at == 0} for at, one in enumerate(account.webids)
    ]
    return Page("webids", {"webids": told}, tuple(forms), (Link("settings", "/.account/settings"),))


async def link(visit: Visit) -> Page:
    """What to put into the profile of a WebID that is kept elsewhere, and a look whether it is there."""
    account = visit.require_account()
    webid = visit.query("webid")

    async def verify(_: Values) -> Go:
        await visit.parts.webids.verify_link(visit.require_recent(), webid)
        return Go("/.account/webids", "done.linked")

    return Page(
        "link",
        {"webid": webid, "statement": await visit.parts.webids.link(account, webid)},
        (Form("verify", verify, kind="main"),),
        (Link("webids", "/.account/webids"),),
    )


async def pods(visit: Visit) -> Page:
    """The pods of the account, what they take up, and a further one."""
    account = visit.require_account()

    async def make(values: Values) -> Go:
        account = visit.require_account()
        webid = str(values.get("webid", ""))
        pod = await visit.parts.webids.create_pod(account, str(values["pod_name"]).strip(), webid=webid or None)
        if webid:
            try:
                await visit.parts.places.add_storage(webid, pod.root)
            except PodError as error:
                # The pod is there, whatever its owner has made of the profile: it is no failure to them.
                events.failed("profile", error)
        return Go(visit.path, "done.pod", {"root": pod.root, "webid": pod.owners[0]})

    fields: list[Field] = [Field("pod_name", hint="pods.name-hint", longest=63)]
    if account.webids:
        own = Option("", visit.texts.say("pods.own-webid"), checked=True)
        owners = (own, *(Option(one, one) for one in account.webids))
        fields.append(Field("webid", "select", required=False, options=owners, text="fields.owner"))
    found = await described(visit)
    choices = [await actors.form(visit, one) for one in await visit.parts.webids.pods(account.id)]
    return Page(
        "pods",
        {"pods": found, "base_url": visit.parts.settings.base_url},
        (Form("pod", make, tuple(fields)), *choices),
        (Link("files", "/.account/files"), Link("settings", "/.account/settings")),
        watched=Watched(await holdings(visit), lambda: roots(visit)),
    )


async def roots(visit: Visit) -> list[str]:
    """Where the pods of who is signed in are."""
    return [one.root for one in await visit.parts.webids.pods(visit.require_account().id)]


async def holdings(visit: Visit) -> tuple[Topic, ...]:
    """All that lies in the pods of who is signed in, for pages that show what it takes up."""
    account, found = visit.require_account(), []
    for one in await visit.parts.webids.pods(account.id):
        agents = [visit.agent(webid) for webid in one.owners if webid in account.webids]
        readers = [agent for agent in agents if (await visit.parts.resources.reading(agent, one.root)).allowed]
        found += [Topic(agent, one.root, lambda _: True, below=True) for agent in readers[:1]]
    return tuple(found)


async def described(visit: Visit) -> list[dict[str, object]]:
    """The pods of who is signed in, with what they take up."""
    account = visit.require_account()
    found = []
    for one in await visit.parts.webids.pods(account.id):
        used = await visit.parts.stores.store.usage(one.root)
        told: dict[str, object] = {"name": one.name, "root": one.root, "owners": list(one.owners)}
        told["href"] = f"/.account/files?{urlencode({'at': one.root})}"
        told["actors"] = await visit.parts.actors.of(one.root)
        found.append(told | {"bytes": used.bytes, "size": visit.texts.size(used.bytes), "resources": used.resources})
    return found
