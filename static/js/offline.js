/* Without a network you can read; the banner says so. */

const banner = document.querySelector("[data-offline]");

function show() {
  if (banner) banner.hidden = navigator.onLine;
}

addEventListener("online", show);
addEventListener("offline", show);
show();
