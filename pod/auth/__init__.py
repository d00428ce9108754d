"""Who asks: Solid-OIDC, as a resource server sees it."""
