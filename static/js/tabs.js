/* On a phone the columns stand side by side and are swiped; the tabs above follow and lead. */

const tabs = document.querySelector("[data-tabs]");
const scroller = document.querySelector("[data-scroller]");

if (tabs && scroller) {
  const links = [...tabs.querySelectorAll("a[href^='#']")];
  const columnOf = (link) => document.getElementById(link.hash.slice(1));

  const mark = (current) => {
    for (const link of links) {
      if (link === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };

  tabs.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const column = link && columnOf(link);
    if (!column) return;
    event.preventDefault();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const left = column.getBoundingClientRect().left - scroller.getBoundingClientRect().left - parseFloat(getComputedStyle(scroller).paddingLeft);
    scroller.scrollBy({ left, behavior: still ? "auto" : "smooth" });
    mark(link);
  });

  const count = () => {
    for (const link of links) {
      const number = link.querySelector("span");
      const column = columnOf(link);
      if (number && column) number.textContent = column.querySelectorAll("[data-list] > [data-card]").length;
    }
  };
  for (const name of ["htmx:after:swap", "placed"]) document.addEventListener(name, count);

  const inSight = new Set();
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) inSight.add(target);
        else inSight.delete(target);
      }
      const first = links.find((link) => inSight.has(columnOf(link)));
      if (first) mark(first);
    },
    { root: scroller, threshold: 0.6 },
  );
  links.map(columnOf).filter(Boolean).forEach((column) => seen.observe(column));
}
