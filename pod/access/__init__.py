"""May they? Pure functions from policies and agents to grants, each with its reason."""
