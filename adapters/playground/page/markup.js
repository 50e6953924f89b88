// Reads another platform's markup by rules, into text nodes and elements.

import { el, icon } from "./dom.js";
import { sizeOf } from "./people.js";

/**
 * Draw `text` by `rules`: each a sticky expression and what its match becomes (nothing, if it does not fit after all).
 * At every place the first rule that fits is taken; what no rule takes is shown as it is.
 */
export function drawBy(rules, text) {
  const nodes = [];
  let plain = "";
  let at = 0;
  while (at < text.length) {
    const [node, length] = take(rules, text, at);
    if (typeof node === "string") plain += node;
    else {
      nodes.push(plain, node);
      plain = "";
    }
    at += length;
  }
  return [...nodes, plain].filter((node) => node !== "");
}

function take(rules, text, at) {
  for (const [pattern, draw] of rules) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    const node = match?.[0] ? draw(match) : null;
    if (node !== null) return [node, match[0].length];
  }
  const [character] = text.slice(at, at + 2);
  return [character, character.length];
}

/** Draw a link that leads nowhere: a preview is looked at, not used. */
export const deadLink = (href, ...label) => el("a", { role: "link", "aria-disabled": "true", title: href }, ...label);

/** Draw a file that cannot be saved from here. */
export const deadFile = ({ name, size }) =>
  el("div", { class: "file" }, icon("file"), el("div", {}, deadLink(name, name), el("small", {}, sizeOf(size))));

/** Draw a button that does nothing. */
export const deadButton = (style, ...label) =>
  el("span", { role: "button", "aria-disabled": "true", class: `press ${style}` }, ...label);
