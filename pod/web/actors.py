"""The choice of an owner: to whom messages about changes in a pod name who made them."""

from pod.actors import Audience
from pod.model.resource import Pod
from pod.web.page import Field, Form, Go, Option, Values
from pod.web.visit import Visit


async def form(visit: Visit, pod: Pod) -> Form:
    """The choice for a pod of who is signed in, as it is now."""
    keeper = visit.parts.actors
    chosen = await keeper.of(pod.root)

    async def save(values: Values) -> Go:
        await keeper.set(pod.root, Audience(str(values["actors"])))
        return Go(visit.path, "done.saved")

    options = tuple(Option(one, visit.texts.say(f"actors.{one}"), checked=one is chosen) for one in Audience)
    field = Field("actors", "select", options=options, hint="actors.hint")
    label = visit.texts.say("actors.label", pod=pod.name)
    return Form("actors", save, (field,), text="forms.save", label=label, key=pod.name)
