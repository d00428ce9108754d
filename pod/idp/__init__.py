"""The identity provider: accounts, and signing in to apps."""
