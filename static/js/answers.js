/* Answers that were not made for the place they would land in: whole pages, errors, no answer at all. */

import { complain, lost } from "./say.js";

const SIGNED_OUT = "You were signed out. Sign in again in a new tab; this page keeps what you wrote.";
const BROKEN = "Something broke on our side. Your text is still here. Try again.";
const SILENT = "The server did not answer. Try again in a moment.";

function isWholePage(text) {
  return /^\s*<!doctype/i.test(text);
}

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const { raw, status } = ctx.response;
  if (!isWholePage(ctx.text)) return;
  if (ctx.sourceElement.matches?.("[data-poll]")) return event.preventDefault();
  // A page swapped into a fragment's place would nest one board in another.
  event.preventDefault();
  if (raw.redirected && new URL(raw.url).pathname === document.body.dataset.signIn) {
    complain(SIGNED_OUT);
  } else if (status < 400) {
    location.assign(raw.url);
  } else {
    const page = new DOMParser().parseFromString(ctx.text, "text/html");
    complain(page.querySelector("[data-sentence]")?.textContent.trim() || BROKEN);
  }
});

document.addEventListener("htmx:error", (event) => {
  const { ctx } = event.detail;
  if (!ctx || ctx.response || ctx.moved || ctx.sourceElement.matches?.("[data-poll]")) return;
  if (ctx.request.method === "GET") complain(SILENT);
  else if (ctx.sourceElement.matches("form")) lost(() => ctx.sourceElement.requestSubmit());
  else lost();
});
