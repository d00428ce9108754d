"""Root: a personal data pod server that speaks the Solid protocols."""

__version__ = "0.1.0"
