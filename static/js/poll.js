/* What asks again by itself: quietly, not while the page is hidden, and at once when it is looked at again. */

const polls = () => document.querySelectorAll("[data-poll]");
let asked = Date.now();

document.addEventListener("htmx:before:request", (event) => {
  const { sourceElement } = event.detail.ctx;
  if (!sourceElement.matches?.("[data-poll]")) return;
  if (document.hidden) event.preventDefault();
  else asked = Date.now();
});

// A server that is away, or a session that ended, is no news every minute.
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement.matches?.("[data-poll]") && ctx.response.status >= 400) event.preventDefault();
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && Date.now() - asked > 30_000) polls().forEach((one) => htmx.trigger(one, "every"));
});
