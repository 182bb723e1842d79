"""What software can check of a handoff's lines by itself; pure functions that load nothing and fetch nothing."""
