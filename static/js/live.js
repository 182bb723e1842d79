/* The page stays as new as the board: a stream says what changed; without one the page asks every ten seconds.

   body[data-live]       the stream's address
   data-live-changes     the address that answers the same without a stream; none on a page of several teams
   data-live-version     the version of the team that the page shows
   data-live-view        the board whose cards come with the message
   data-live-on          what concerns this page: kinds of things, or one thing as kind:name */

import { applyBoard } from "./live-board.js";
import { lookAgain } from "./live-page.js";
import { showHere } from "./presence.js";

const { live, liveChanges, liveView = "", liveOn = "" } = document.body.dataset;
const ASKS = 10_000; // ms between two questions without a stream
const HIDDEN = 20_000; // ms after which a page that nobody sees lets its stream go
const concerns = liveOn.split(" ").filter(Boolean);

let version = Number(document.body.dataset.liveVersion);
let stream = null;
let asking = 0;
let leaving = 0;
let tries = 0;
let known = null; // on a page of several teams: their versions

const isOurs = (subject) => subject === "*" || concerns.includes(subject) || concerns.includes(subject.split(":")[0]);

function take(news) {
  if (liveChanges && news.version <= version) return;
  if (liveChanges) version = news.version;
  else if (known) known[news.team] = news.version;
  if (news.inbox) setTimeout(count, Math.random() * 300);
  if (news.cards) applyBoard(news);
  else if (news.whole || news.subjects.some(isOurs)) lookAgain();
}

const count = () => document.querySelectorAll("[data-poll][data-inbox]").forEach((one) => htmx.trigger(one, "every"));

function greet({ versions, me }) {
  document.body.dataset.me = me;
  if (liveChanges) return;
  // A page of several teams does not say what it shows: it looks once more when its stream opens, and after each gap.
  const missed = !known || Object.entries(versions).some(([team, at]) => at !== known[team]);
  known = versions;
  if (missed) lookAgain();
}

function open() {
  if (stream || document.hidden) return;
  const query = new URLSearchParams({ view: liveView, ...(liveChanges && { since: version }) });
  stream = new EventSource(`${live}?${query}`);
  stream.addEventListener("hello", (event) => {
    tries = 0;
    clearInterval(asking);
    asking = 0;
    document.body.dataset.liveIs = "streaming";
    greet(JSON.parse(event.data));
  });
  stream.addEventListener("changed", (event) => take(JSON.parse(event.data)));
  stream.addEventListener("here", (event) => showHere(JSON.parse(event.data)));
  stream.addEventListener("again", lookAgain);
  // The browser's own second try would name the old version, and gives up after an HTTP error.
  stream.addEventListener("error", () => {
    close();
    if (tries > 1) ask();
    setTimeout(open, Math.min(10_000, 300 * 2 ** tries++) * (0.75 + Math.random() / 2));
  });
}

function close() {
  stream?.close();
  stream = null;
  delete document.body.dataset.liveIs;
}

async function poll() {
  if (document.hidden || stream?.readyState === EventSource.OPEN) return;
  try {
    const answer = await fetch(`${liveChanges}?${new URLSearchParams({ view: liveView, since: version })}`);
    if (answer.ok && !answer.redirected) take(await answer.json());
  } catch {
    // Nobody answers: what is on the page stays, and is asked for again.
  }
}

function ask() {
  if (liveChanges && !asking) asking = setInterval(poll, ASKS);
}

function turn() {
  clearTimeout(leaving);
  if (document.hidden) leaving = setTimeout(close, HIDDEN);
  else open();
}

if (live) {
  document.addEventListener("visibilitychange", turn);
  addEventListener("pageshow", (event) => event.persisted && open());
  addEventListener("pagehide", close);
  turn();
}
