/* Near an edge the page, or a board that scrolls inside itself, comes along with the held card. */

const EDGE = 56;
const STEP = 10;
let frame = 0;

function sideScroller(element) {
  for (let one = element; one && one !== document.body; one = one.parentElement) {
    if (one.scrollWidth > one.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(one).overflowX)) return one;
  }
  return null;
}

const pull = (at, low, high) => (at < low + EDGE ? -STEP : at > high - EDGE ? STEP : 0);

export function stopFollowing() {
  cancelAnimationFrame(frame);
}

export function follow(x, y, list, moved) {
  stopFollowing();
  const side = sideScroller(list);
  const down = pull(y, 0, innerHeight);
  const box = side?.getBoundingClientRect();
  const across = box ? pull(x, Math.max(0, box.left), Math.min(innerWidth, box.right)) : 0;
  if (!down && !across) return;
  const tick = () => {
    const before = scrollY + (side?.scrollLeft ?? 0);
    if (down) scrollBy(0, down);
    if (across) side.scrollBy(across, 0);
    moved();
    if (scrollY + (side?.scrollLeft ?? 0) !== before) frame = requestAnimationFrame(tick);
  };
  frame = requestAnimationFrame(tick);
}
