"""The addresses of pages."""

PLACE = "/.account/"
PATHS = frozenset(
    {"/", PLACE}
    | {
        f"{PLACE}{one}"
        for one in (
            *("sign-up", "sign-in", "recover", "start", "forgot", "mail", "sign-out"),
            *("settings", "email", "password", "passkeys", "recovery-codes", "sessions"),
            *("webids", "link", "pods", "files", "file", "open", "tokens", "apps", "app"),
            *("requests", "requests/new", "notices", "delete", "export", "receipt"),
        )
    }
)
"""Those that are the same for everyone: where a person who has signed in may go on to."""
