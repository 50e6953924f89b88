// Draws a message as Slack does, from the JSON that Slack would be sent.

import { el, icon, unseen } from "./dom.js";
import { deadButton, deadFile, deadLink, drawBy } from "./markup.js";
import { dayKey, inFull, timeOfDay, untilOrSince } from "./people.js";
import { say } from "./words.js";

/** `view` says who looks, and at what: `known`, `viewer`, `zone`, `now`, `at`, `isPrivate`, `picture`, `files`. */
export function drawSlack(payload, view) {
  return el(
    "article",
    { class: "as-slack", "aria-label": say("The message on Slack") },
    view.isPrivate && el("p", { class: "only" }, icon("eye"), say("Only visible to you")),
    el("img", { class: "face", src: "leaf.svg", alt: "" }),
    el(
      "div",
      {},
      el(
        "header",
        {},
        el("strong", {}, "Trellis"),
        el("span", { class: "app" }, "APP"),
        el("time", {}, timeOfDay(view.at, view.zone)),
      ),
      payload.blocks.flatMap((block) => drawBlock(block, view)),
      view.files.map(deadFile),
    ),
  );
}

function drawBlock(block, view) {
  switch (block.type) {
    case "header":
      return el("h3", {}, block.text.text);
    case "section":
      return el(
        "div",
        { class: block.accessory ? "section" : null },
        el("div", { class: "marked" }, drawText(block.text, view)),
        block.accessory && drawElement(block.accessory),
      );
    case "context":
      return el("div", { class: "context" }, block.elements.map((element) => drawPiece(element, view)));
    case "actions":
      return el("div", { class: "row" }, block.elements.map(drawElement));
    case "image":
      return el("img", { class: "picture", src: block.image_url ?? view.picture, alt: block.alt_text });
    case "data_table":
      return drawTable(block);
    case "divider":
      return el("hr");
    default:
      return unknown(block.type);
  }
}

function drawTable({ caption, rows: [heads, ...rows] }) {
  const cells = (name, row) => el("tr", {}, row.map(({ text }) => el(name, name === "th" ? { scope: "col" } : {}, text)));
  return el(
    "table",
    {},
    el("caption", { class: "unseen" }, caption),
    el("thead", {}, cells("th", heads)),
    el("tbody", {}, rows.map((row) => cells("td", row))),
  );
}

const drawPiece = (text, view) => el("div", { class: "marked" }, drawText(text, view));

function drawElement(element) {
  switch (element.type) {
    case "button": {
      const button = deadButton(element.style ?? "", element.text.text, element.url ? unseen("(a link)") : "");
      if (element.url) button.setAttribute("title", element.url);
      return button;
    }
    case "overflow": {
      const more = deadButton("", "⋯", unseen(say("More")));
      more.setAttribute("title", element.options.map(({ text }) => text.text).join("\n"));
      return more;
    }
    case "static_select":
    case "multi_static_select": {
      const placeholder = element.placeholder.text;
      const offered = element.options.map(({ text }) => text.text).join("\n");
      return el(
        "span",
        { role: "combobox", "aria-disabled": "true", "aria-expanded": "false", "aria-label": placeholder, class: "select", title: offered },
        el("span", {}, placeholder),
        icon("down"),
      );
    }
    default:
      return unknown(element.type);
  }
}

const unknown = (what) => el("p", { class: "unknown" }, say("This preview can't draw “{what}”: see the JSON.", { what }));

// mrkdwn

const ENTITIES = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };
const decode = (text) => text.replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity]);

/**
 * A mark formats what stands between two of it, if both stand at the edge of a word. A space without width parts like
 * any other: outside of a mark it makes an edge, inside it makes the mark inert.
 */
const between = (mark) => {
  const before = `(?<![\\p{L}\\p{N}${mark}])${mark}(?=[^\\s\u200b${mark}])`;
  const after = `(?<=[^\\s\u200b])${mark}(?![\\p{L}\\p{N}${mark}])`;
  return new RegExp(`${before}([^${mark}\\n]*)${after}`, "uy");
};

function drawText(text, view) {
  return text.type === "mrkdwn" ? mrkdwn(text, view) : [text.text];
}

function mrkdwn({ text, verbatim }, view) {
  const again = (inner) => drawBy(rules, inner);
  const called = (sign, id, label) => {
    const { id: who, name = label || id } = view.known[id] ?? {};
    return el("span", { class: who === view.viewer ? "mention you" : "mention" }, sign + name);
  };
  const rules = [
    [/```\n?([^]*?)\n?```\n?/y, ([, code]) => el("pre", { tabindex: "0" }, el("code", {}, decode(code)))],
    [/`([^`\n]+)`/y, ([, code]) => el("code", {}, decode(code))],
    [/<@(\w+)(?:\|([^>]*))?>/y, ([, id, label]) => called("@", id, label)],
    [/<#(\w+)(?:\|([^>]*))?>/y, ([, id, label]) => called("#", id, label)],
    [/<!(here|channel|everyone)>/y, ([, group]) => el("span", { class: "mention you" }, `@${group}`)],
    [
      /<!date\^(\d+)\^([^|^>]+)(?:\^[^|>]*)?\|([^>]*)>/y,
      ([, unix, format, fallback]) => drawDate(new Date(unix * 1000), decode(format), view) ?? decode(fallback),
    ],
    [/<(https?:[^|>]+)(?:\|([^>]+))?>/y, ([, url, label]) => deadLink(decode(url), ...(label ? again(label) : [decode(url)]))],
    [/^(?:&gt;|>) ?(.*)\n?/my, ([, inner]) => el("blockquote", {}, again(inner))],
    [between("\\*"), ([, inner]) => el("strong", {}, again(inner))],
    [between("_"), ([, inner]) => el("em", {}, again(inner))],
    [between("~"), ([, inner]) => el("s", {}, again(inner))],
    [/&(?:lt|gt|amp);/y, ([entity]) => ENTITIES[entity]],
    ...(verbatim ? [] : [[/https?:\/\/[^\s<>|]+[^\s<>|.,:;"')\]]/y, ([url]) => deadLink(decode(url), decode(url))]]),
  ];
  return again(text);
}

const SHORT = { day: "numeric", month: "short", year: "numeric" };
const LONG = { day: "numeric", month: "long", year: "numeric" };
const DATES = {
  date_short: SHORT,
  date: LONG,
  date_long: { ...LONG, weekday: "long" },
  date_num: { dateStyle: "short" },
  date_slash: { dateStyle: "short" },
  time: { timeStyle: "short" },
  time_secs: { timeStyle: "medium" },
};

/** Spell a moment as a format of `<!date>` asks; nothing for what Slack would not know either. */
function drawDate(at, format, { zone, now }) {
  let isKnown = true;
  const words = format.replace(/\{(\w+)\}/g, (_, token) => {
    if (token === "ago") return untilOrSince(at, now);
    const name = token.replace(/_pretty$/, "");
    isKnown &&= name in DATES;
    if (!isKnown) return "";
    return (name !== token && nearDay(at, now, zone)) || inFull(at, zone, DATES[name]);
  });
  return isKnown ? el("time", {}, words) : null;
}

function nearDay(at, now, zone) {
  const days = [["yesterday", -1], ["today", 0], ["tomorrow", 1]];
  const key = dayKey(at, zone);
  return days.find(([, away]) => dayKey(new Date(now.getTime() + away * 86400000), zone) === key)?.[0];
}
