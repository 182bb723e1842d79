"""MLflow on both sides: the door where its client tells runs to the board, and the client that reads a tracking server."""
