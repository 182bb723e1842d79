"""The web server: pages as WSGI behind a small bridge on uvicorn, and the jobs beside them in one process."""
