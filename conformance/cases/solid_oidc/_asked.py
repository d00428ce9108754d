"""What an issuer answers to a browser with an authorization request, before anyone signs in."""

from conformance.app import App, members
from conformance.case import Failed
from conformance.exchange import Answer


def turned_away(app: App, answer: Answer) -> None:
    """Failed unless the request was refused by an error: told to the app at its own place, or to the person."""
    location = answer.header("location")
    if location.startswith(app.redirect_uri):
        if "error" not in members(location):
            raise Failed(f"The app should have been told an error, and was sent {location}.")
    elif answer.status < 400:
        raise Failed(f"{answer.url} should have been refused, and was answered with {answer.status}.")


def not_sent(answer: Answer, *places: str) -> None:
    """Failed unless the person is told of a mistake, and the browser is sent to none of these places."""
    location = answer.header("location")
    if any(location.startswith(one) for one in places):
        raise Failed(f"Nobody should be sent to {location}, which the app has not registered.")
    if answer.status < 400:
        raise Failed(f"{answer.url} should have been refused, and was answered with {answer.status}.")


def goes_on(app: App, answer: Answer) -> None:
    """Failed unless the issuer goes on by asking the person: with a page, or a redirect to one."""
    location = answer.header("location")
    if answer.status >= 400:
        raise Failed(f"{answer.url} should have been understood, and was answered with {answer.status}.")
    if location.startswith(app.redirect_uri):
        raise Failed(f"The person should have been asked, and the app was sent {location}.")
