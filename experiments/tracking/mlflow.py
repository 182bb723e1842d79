"""Reading a tracking server over MLflow's REST API 2.0, with a time budget.

Its own client waits for minutes and keeps one password a process. A few ways of real servers shape this code: a web page with
status 200 is no MLflow; an unknown experiment has no runs instead of being an error, so it is asked for first; what is no number
comes as text.
"""

import json
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings

from dsboard import outbound, vault
from dsboard.destinations import Trouble, Unreachable
from experiments.models import Tracker
from experiments.models.tracker import Auth

API = "/api/2.0/mlflow/"
#: seconds for one answer, and for all of one reading
ONE, ALL = 10.0, 30.0
#: bytes of one answer
LARGEST = 20 * 1024 * 1024
#: runs asked for at once, and fewer of them where they are too much; a page is one transaction, which SQLite's other writers wait for
A_PAGE, SMALLEST_PAGE = 100, 5
A_HISTORY = 5_000


class Why(StrEnum):
    """What kind of trouble it is; the words are in the sentence."""

    ADDRESS = "address"
    UNREACHABLE = "unreachable"
    BUSY = "busy"
    SIGN_IN = "sign-in"
    NOT_MLFLOW = "not-mlflow"
    EXPERIMENT = "experiment"
    REFUSED = "refused"
    LARGE = "large"
    SECRET = "secret"  # noqa: S105 - a kind of trouble, not one


#: these say something of one link; all others of the server
OF_A_LINK = {Why.EXPERIMENT, Why.REFUSED, Why.LARGE}


class NotRead(Exception):
    """Nothing was read: why, a sentence that a person can act on, and when the server wants to be asked again."""

    def __init__(self, why: Why, sentence: str, wait: timedelta | None = None) -> None:
        super().__init__(sentence)
        self.why, self.sentence, self.wait = why, sentence, wait


class OutOfTime(Exception):
    """The budget is used up; what was read until here is kept."""


@dataclass(frozen=True)
class Page:
    """Some runs as MLflow tells them, and where the next ones are; empty at the end."""

    runs: list[dict[str, Any]]
    next: str


class Mlflow:
    """One server, for one reading: every answer within ten seconds, all of them within thirty."""

    def __init__(self, tracker: Tracker, seconds: float = ALL, one: float = ONE) -> None:
        self.tracker, self.until, self.one = tracker, time.monotonic() + seconds, one
        self.page = A_PAGE

    # ── what is asked ──

    def version(self) -> str:
        """Its version, "unknown" where it does not say: behind some proxies only the API is reachable."""
        answer = self.ask("GET", "/version", None)
        said = answer.text.strip()
        return said if answer.status == 200 and len(said) <= 30 and "<" not in said else "unknown"

    def experiments(self, most: int = 1000) -> list[dict[str, Any]]:
        """Its living experiments, at most so many."""
        found = self.post("experiments/search", max_results=most).get("experiments") or []
        return [one for one in found if isinstance(one, dict)]

    def experiment(self, name: str) -> str:
        """The number of an experiment that somebody named, or gave the number of. Raises NotRead where there is none."""
        try:
            found = self.get("experiments/get-by-name", experiment_name=name)
        except NotRead as error:
            if error.why != Why.EXPERIMENT or not name.isdecimal():
                raise
            found = self.get("experiments/get", experiment_id=name)
        one = found.get("experiment") or {}
        if one.get("lifecycle_stage") == "deleted":
            raise NotRead(Why.EXPERIMENT, f"The experiment “{name[:80]}” was deleted in MLflow.")
        return str(one["experiment_id"])

    def search(self, numbers: list[str], clauses: list[str], order: str = "attributes.start_time ASC") -> Iterator[list[dict[str, Any]]]:
        """The runs of experiments, a page at a time. Raises OutOfTime before the page for which there is no time."""
        token = ""
        while True:
            page = self.search_page(numbers, " and ".join(filter(None, clauses)), order, token)
            yield page.runs
            token = page.next
            if not token:
                return
            if time.monotonic() > self.until:
                raise OutOfTime

    def search_page(self, numbers: list[str], filter: str, order: str, token: str) -> Page:
        """One page; of fewer runs where they are too much for one answer."""
        while True:
            try:
                said = self.post(
                    "runs/search",
                    experiment_ids=numbers,
                    filter=filter,
                    max_results=self.page,
                    order_by=[order],
                    **({"page_token": token} if token else {}),
                )
            except NotRead as error:
                # A token is for pages of one size, so only the first page is tried again.
                if error.why != Why.LARGE or token or self.page <= SMALLEST_PAGE:
                    raise
                self.page = max(SMALLEST_PAGE, self.page // 6)
                continue
            runs = [run for run in said.get("runs") or [] if isinstance(run, dict) and isinstance(run.get("info"), dict)]
            return Page(runs, str(said.get("next_page_token") or ""))

    def run(self, run_id: str) -> dict[str, Any] | None:
        """One run; None where there is none."""
        try:
            found = self.get("runs/get", run_id=run_id).get("run")
        except NotRead as error:
            if error.why == Why.EXPERIMENT:
                return None
            raise
        return found if isinstance(found, dict) and isinstance(found.get("info"), dict) else None

    def history(self, run_id: str, name: str, most: int) -> list[dict[str, Any]]:
        """The points of a metric, at most so many."""
        points: list[dict[str, Any]] = []
        token = ""
        while len(points) < most:
            said = self.get(
                "metrics/get-history", run_id=run_id, metric_key=name, max_results=A_HISTORY, **({"page_token": token} if token else {})
            )
            points += [point for point in said.get("metrics") or [] if isinstance(point, dict)]
            token = str(said.get("next_page_token") or "")
            if not token:
                break
        return points[:most]

    def registered_models(self) -> list[dict[str, Any]]:
        """The models of its registry, with their aliases: an older server answers a filter with nothing, so there is none."""
        found = self.get("registered-models/search", max_results=200).get("registered_models") or []
        return [one for one in found if isinstance(one, dict)]

    def model_versions(self, name: str) -> list[dict[str, Any]]:
        """The versions of a registered model; their own list of aliases is always empty, those of the model count."""
        quoted = name.replace("'", "''")
        found = self.get("model-versions/search", filter=f"name='{quoted}'", max_results=200).get("model_versions") or []
        return [one for one in found if isinstance(one, dict)]

    def model_version(self, name: str, number: str) -> dict[str, Any]:
        found = self.get("model-versions/get", name=name, version=number).get("model_version")
        return found if isinstance(found, dict) else {}

    def logged_model(self, model_id: str) -> dict[str, Any]:
        """What is known of a logged model, of which MLflow before 3 has none."""
        found = (self.get(f"logged-models/{quote(model_id, safe='')}").get("model") or {}).get("info")
        return found if isinstance(found, dict) else {}

    # ── how ──

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        return self.read(self.ask("GET", f"{API}{path}?{urlencode(query, quote_via=quote)}", None))

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        return self.read(self.ask("POST", f"{API}{path}", body))

    def ask(self, method: str, target: str, body: dict[str, Any] | None) -> outbound.Answer:
        """One request; a connection that broke before an answer is tried once more."""
        for last in (False, True):
            left = min(self.one, self.until - time.monotonic() + 1.0)
            if left <= 0:
                raise OutOfTime
            try:
                return outbound.call(
                    method,
                    self.tracker.url + target,
                    None if body is None else json.dumps(body).encode(),
                    self.headers(),
                    allow=settings.TRACKER_ALLOW,
                    seconds=left,
                    largest=LARGEST,
                    authority=self.tracker.certificate,
                )
            except Unreachable as error:
                if error.trouble != Trouble.BROKEN or last:
                    why = Why.ADDRESS if error.trouble in (Trouble.ADDRESS, Trouble.FORM) else Why.UNREACHABLE
                    raise NotRead(why, error.sentence) from error
        raise AssertionError("unreachable")

    def headers(self) -> dict[str, str]:
        """What it is asked with. Raises NotRead when the secret can't be read any more."""
        named = {"Accept": "application/json", "Content-Type": "application/json"}
        try:
            secret = vault.unseal(self.tracker.sealed)
        except vault.Unreadable as error:
            raise NotRead(Why.SECRET, "The key of this installation has changed since. Enter the password or token again.") from error
        if self.tracker.auth == Auth.TOKEN:
            named["Authorization"] = f"Bearer {secret}"
        elif self.tracker.auth == Auth.BASIC:
            named["Authorization"] = "Basic " + b64encode(f"{self.tracker.user}:{secret}".encode()).decode()
        return named

    def read(self, answer: outbound.Answer) -> dict[str, Any]:
        """What it says. Raises NotRead for everything that is no answer of MLflow."""
        host = urlsplit(self.tracker.url).netloc
        if not answer.whole and len(answer.text) >= LARGEST // 4:
            raise NotRead(Why.LARGE, f"An answer of {host} is larger than 20 MB. Link the card with a filter.")
        if 300 <= answer.status < 400:
            leads = urlsplit(answer.headers.get("location", "")).netloc or "another address"
            raise NotRead(Why.NOT_MLFLOW, f"{host} leads elsewhere, to {leads[:100]}. Redirects are not followed: enter that address.")
        try:
            said = json.loads(answer.text)
        except (ValueError, RecursionError):
            said = None
        if answer.status == 200 and isinstance(said, dict):
            return said
        raise trouble_of(host, answer, said if isinstance(said, dict) else None)


def trouble_of(host: str, answer: outbound.Answer, said: dict[str, Any] | None) -> NotRead:
    """The answer's own trouble, in words; nothing of it is repeated that could hold a secret."""
    status = answer.status
    if status == 403 and "invalid host" in answer.text.lower():
        return NotRead(Why.SIGN_IN, f"{host} does not answer to that name. Start MLflow with --allowed-hosts {host}.")
    if status in (401, 403, 407):
        return NotRead(Why.SIGN_IN, f"{host} answered {status}: it does not take this user, password or token, or they may not read here.")
    if status in (429, 503):
        wait = answer.headers.get("retry-after", "")
        seconds = min(int(wait), 3600) if wait.isdecimal() else None
        later = f" It asks for {seconds} seconds." if seconds else ""
        return NotRead(
            Why.BUSY, f"{host} answered {status}: it is too busy just now.{later}", timedelta(seconds=seconds) if seconds else None
        )
    code = str(said.get("error_code", "")) if said else ""
    if code == "RESOURCE_DOES_NOT_EXIST":
        return NotRead(Why.EXPERIMENT, f"{host} has no such experiment or run. Is its name right, and was it not deleted?")
    if code and status < 500:
        words = " ".join(str(said.get("message", "") if said else "").split())[:200]
        return NotRead(Why.REFUSED, f"MLflow refused to search like that: {words}")
    if status >= 500:
        return NotRead(Why.UNREACHABLE, f"{host} answered {status}: something broke over there.")
    if status == 200:
        return NotRead(Why.NOT_MLFLOW, f"{host} answers with a web page, not MLflow. Is there a sign-in in front of it, or a path missing?")
    return NotRead(Why.NOT_MLFLOW, f"{host} answered {status}, which MLflow would not. Is the address right, with its path?")
