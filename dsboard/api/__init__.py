"""The HTTP API: one object, tokens, problems, lists; each floor hands in its router by name."""
