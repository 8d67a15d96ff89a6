"""Look inside: how everything stands, and why."""
