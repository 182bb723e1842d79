/* What the server said before, what it says now, and what stands on the page: only what the server changed is exchanged. */

/* Written anew each time, and always the same to the server. */
export const TOKEN = "input[name=csrfmiddlewaretoken]";
/* What was in use and had to stay as it is. */
export const held = new Set();
/* For each node that was said: the node on the page. */
const twins = new WeakMap();

export function pair(copy, live) {
  twins.set(copy, live);
  const others = [...live.childNodes];
  [...copy.childNodes].forEach((node, at) => pair(node, others[at]));
}

class Lost extends Error {}

export function merge(was, now) {
  const live = twins.get(was);
  if (!live?.isConnected) throw new Lost();
  twins.set(now, live);
  if (was.isEqualNode(now)) return along(was, now);
  if (now.nodeType !== 1) return void (live.data = now.data);
  if (live.matches("form, [data-edit]") && inUse(live)) return hold(was, now, live);
  if (was.tagName !== now.tagName || was.id !== now.id) return exchange(was, now, live);
  attributes(was, now, live);
  try {
    children(was, now, live);
  } catch (problem) {
    if (!(problem instanceof Lost)) throw problem;
    exchange(was, now, live);
  }
}

function along(was, now) {
  twins.set(now, twins.get(was));
  const old = [...was.childNodes];
  [...now.childNodes].forEach((node, at) => along(old[at], node));
}

function attributes(was, now, live) {
  for (const { name, value } of now.attributes) if (was.getAttribute(name) !== value) live.setAttribute(name, value);
  for (const { name } of was.attributes) if (!now.hasAttribute(name)) live.removeAttribute(name);
}

function children(was, now, live) {
  const old = [...was.childNodes];
  const pairs = aligned(old, [...now.childNodes]);
  const kept = new Set(pairs.map(([mine]) => mine));
  for (const node of old) if (!kept.has(node)) take(node, now);
  let last = null;
  for (const [mine, fresh] of pairs) {
    if (mine) merge(mine, fresh);
    const one = mine ? twins.get(mine) : insert(fresh, live, last);
    if (mine && last && last.parentNode === one.parentNode && isBefore(one, last) && !inUse(one)) last.after(one);
    last = one.isConnected ? one : last;
  }
}

/* Which node of before is which of now: the same at both ends, and between them by name, else by kind in order. */
function aligned(old, fresh) {
  let low = 0;
  let end = 0;
  const most = Math.min(old.length, fresh.length);
  while (low < most && old[low].isEqualNode(fresh[low])) low++;
  while (end < most - low && old.at(-1 - end).isEqualNode(fresh.at(-1 - end))) end++;
  const free = old.slice(low, old.length - end);
  const match = (found) => {
    const at = free.findIndex(found);
    return at < 0 ? null : free.splice(at, 1)[0];
  };
  const middle = fresh.slice(low, fresh.length - end);
  const same = middle.map((node) => (nameOf(node) ? match((one) => nameOf(one) === nameOf(node)) : match((one) => one.isEqualNode(node))));
  const between = middle.map((node, at) => [same[at] ?? (nameOf(node) ? null : match((one) => !nameOf(one) && one.nodeName === node.nodeName)), node]);
  const pairs = (nodes, others) => nodes.map((node, at) => [node, others[at]]);
  return [...pairs(old.slice(0, low), fresh), ...between, ...(end ? pairs(old.slice(-end), fresh.slice(-end)) : [])];
}

const nameOf = (node) => (node.nodeType === 1 && (node.id || node.dataset?.ref || node.getAttribute("href"))) || "";
const isBefore = (one, other) => other.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_PRECEDING;

function freshCopy(now) {
  const live = document.importNode(now, true);
  pair(now, live);
  if (live.nodeType !== 1) return live;
  const token = document.querySelector(`${TOKEN}[value]`)?.value;
  if (token) for (const field of live.querySelectorAll(TOKEN)) field.value = token;
  return live;
}

function insert(now, parent, last) {
  const live = freshCopy(now);
  last ? last.after(live) : parent.prepend(live);
  if (live.nodeType === 1) htmx.process(live);
  return live;
}

function exchange(was, now, live) {
  if (inUse(live)) return hold(was, now, live);
  const fresh = freshCopy(now);
  live.replaceWith(fresh);
  if (fresh.nodeType === 1) htmx.process(fresh);
}

function take(was, now) {
  const live = twins.get(was);
  if (live?.nodeType === 1 && live.isConnected && inUse(live)) {
    now.append(was);
    held.add(live);
  } else live?.remove();
}

/* Left as it is: what was said before stays said, so that the next comparison finds the difference again. */
function hold(was, now, live) {
  held.add(live);
  now.replaceWith(was);
}

const FIELDS = "textarea, input:not([type=hidden], [type=submit], [type=button]), select";
const isTyped = (field) => {
  if (field.matches("select")) return [...field.options].some((option) => option.selected !== option.defaultSelected) && field.selectedIndex > 0;
  if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
  return field.value !== field.defaultValue;
};

/* Somebody types in it, has a menu of it open, or waits for an answer to it. */
export function inUse(element) {
  if (element.nodeType !== 1) return false;
  const focus = document.activeElement;
  if (element.contains(focus) && focus.matches(FIELDS)) return true;
  if (element.matches("[aria-busy=true]") || element.querySelector("details[data-pop][open], .edit__in, [aria-busy=true]")) return true;
  return [...element.querySelectorAll(FIELDS)].some(isTyped);
}
