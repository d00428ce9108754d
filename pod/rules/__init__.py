"""The Solid Protocol as pure functions over facts."""
