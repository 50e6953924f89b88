// Small helpers to build the page. Text becomes text nodes only: there is no way in here for markup.

import { say } from "./words.js";

/** Make an element: `el("button", { class: "quiet", onclick: leave }, "Leave")`. */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child || child === 0));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

/** Make one of the icons of index.html. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

export const byId = (id) => document.getElementById(id);

/** Make words that only screen readers see. */
export const unseen = (words) => el("span", { class: "unseen" }, words);

/** Give `list` exactly these children, without touching those that are there already. */
export function arrange(list, wanted) {
  const keep = new Set(wanted);
  for (const child of [...list.children]) if (!keep.has(child)) child.remove();
  let next = list.firstElementChild;
  for (const child of wanted) {
    if (child === next) next = next.nextElementSibling;
    else list.insertBefore(child, next);
  }
}

/** Read words out to whoever listens to the page. */
export function announce(words) {
  const line = el("p", {}, words);
  byId("announcer").append(line);
  setTimeout(() => line.remove(), 20000);
}

const TOASTS = 3;

/** Show a sentence for a while, with something to do about it if there is; what is shown already stays above it. */
export function toast(words, { kind = "calm", action = null, act = null } = {}) {
  const line = el("div", { class: `toast-line ${kind}`, "data-words": words }, el("p", {}, words));
  if (action) line.append(el("button", { type: "button", class: "quiet", onclick: () => (drop(line), act()) }, action));
  const lines = drawToast();
  for (const same of lines.children) if (same.dataset.words === words) same.remove();
  lines.append(line);
  while (lines.children.length > TOASTS) lines.firstElementChild.remove();
  setTimeout(() => drop(line), kind === "problem" ? 12000 : 8000);
}

/** Take away all that is shown for a while. */
export function clearToasts() {
  byId("toasts").replaceChildren();
}

/** Return where lines are put: all of them stand in one box, with one button that takes it away. */
function drawToast() {
  const shown = byId("toasts").querySelector(".toast-lines");
  if (shown) return shown;
  const lines = el("div", { class: "toast-lines" });
  const close = el("button", { type: "button", class: "icon-button", onclick: clearToasts }, icon("close"), unseen(say("Dismiss")));
  byId("toasts").append(el("div", { class: "toast" }, lines, close));
  return lines;
}

function drop(line) {
  const lines = line.parentElement;
  line.remove();
  if (lines?.isConnected && !lines.childElementCount) clearToasts();
}

let popup = null;

/** Show `content` beside `anchor` until something is chosen, Escape is pressed or one looks elsewhere. */
export function openPopup(anchor, label, content, { role = "menu" } = {}) {
  closePopup();
  popup = el("div", { class: "popup", popover: "auto", role, "aria-label": label }, content);
  document.body.append(popup);
  const opened = popup;
  popup.addEventListener("toggle", (event) => {
    if (event.newState === "closed") opened.remove();
  });
  popup.addEventListener("keydown", (event) => {
    const items = [...opened.querySelectorAll("button, input")];
    const at = items.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (step) {
      event.preventDefault();
      items[(at + step + items.length) % items.length].focus();
    } else if (event.key === "Tab" && role === "menu") {
      closePopup();
      anchor.focus();
    }
  });
  popup.showPopover();
  place(popup, anchor.getBoundingClientRect());
  popup.querySelector("button, input")?.focus();
}

function place(node, anchor) {
  const { width, height } = node.getBoundingClientRect();
  const room = document.documentElement;
  const below = anchor.bottom + 6;
  const top = below + height > room.clientHeight - 8 ? Math.max(8, anchor.top - height - 6) : below;
  node.style.top = `${top}px`;
  node.style.left = `${Math.max(8, Math.min(anchor.left, room.clientWidth - width - 8))}px`;
}

export function closePopup() {
  popup?.isConnected && popup.hidePopover();
  popup = null;
}
