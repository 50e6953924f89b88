// Small helpers to build the page. Text becomes text nodes only: there is no way in here for markup.

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

/** Show a sentence for a while, with something to do about it if there is. */
export function toast(words, { kind = "calm", action = null, act = null } = {}) {
  const close = () => note.remove();
  const note = el(
    "div",
    { class: `toast ${kind}` },
    el("p", {}, words),
    action && el("button", { type: "button", class: "quiet", onclick: () => (close(), act()) }, action),
    el("button", { type: "button", class: "icon-button", onclick: close }, icon("close"), unseen("Dismiss")),
  );
  const shown = byId("toasts");
  shown.append(note);
  while (shown.children.length > 3) shown.firstElementChild.remove();
  setTimeout(close, kind === "problem" ? 12000 : 8000);
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
