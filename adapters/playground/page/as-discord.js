// Draws a message as Discord does, from the JSON that Discord would be sent.

import { el, icon, unseen } from "./dom.js";
import { deadButton, deadFile, deadLink, drawBy } from "./markup.js";
import { dayKey, inFull, timeOfDay, untilOrSince } from "./people.js";
import { say } from "./words.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "secondary" };

/** `view` says who looks, and at what: `known`, `viewer`, `zone`, `now`, `at`, `isPrivate`, `picture`, `files`. */
export function drawDiscord(payload, view) {
  const pinged = payload.allowed_mentions.users ?? [];
  const mine = pinged.some((id) => view.known[id]?.id === view.viewer);
  return el(
    "article",
    { class: `as-discord${mine && !view.isPrivate ? " calls" : ""}`, "aria-label": say("The message on Discord") },
    el("img", { class: "face", src: "leaf.svg", alt: "" }),
    el(
      "div",
      {},
      el(
        "header",
        {},
        el("strong", {}, "Trellis"),
        el("span", { class: "app" }, "APP"),
        el("time", {}, sentAt(view)),
      ),
      payload.content && el("div", { class: "marked" }, markdown(payload.content, view)),
      (payload.components ?? []).map((part) => drawPart(part, view)),
      view.isPrivate &&
        el("p", { class: "only" }, icon("eye"), say("Only you can see this"), " • ", deadLink(null, say("Dismiss message"))),
    ),
  );
}

function sentAt({ at, now, zone }) {
  const isToday = dayKey(at, zone) === dayKey(now, zone);
  return isToday ? timeOfDay(at, zone) : `${dayKey(at, zone)}, ${timeOfDay(at, zone)}`;
}

// Components

const DRAWN = {
  1: ({ components }) => el("div", { class: "row" }, components.map(drawControl)),
  9: drawSection,
  10: ({ content }, view) => el("div", { class: "marked" }, markdown(content, view)),
  12: ({ items }, view) => el("div", {}, items.map((item) => drawPicture(item, view))),
  13: ({ file }, view) => deadFile(view.files.find(({ name }) => file.url === ATTACHED + name)),
  14: ({ divider }) => el("hr", { class: divider === false ? "gap" : null }),
  17: drawContainer,
};
const BUTTON = 2;
const SELECT = 3;
const ATTACHED = "attachment://";

const drawPart = (part, view) => DRAWN[part.type]?.(part, view) ?? unknown(`component ${part.type}`);

function drawContainer({ accent_color: accent, components }, view) {
  const node = el("section", { class: "container" }, components.map((part) => drawPart(part, view)));
  if (accent != null) node.style.setProperty("--bar", `#${accent.toString(16).padStart(6, "0")}`);
  return node;
}

function drawSection({ components, accessory }, view) {
  const beside = accessory.type === BUTTON ? drawControl(accessory) : drawPicture(accessory, view);
  return el("div", { class: "section" }, el("div", {}, components.map((part) => drawPart(part, view))), beside);
}

const drawPicture = ({ description }, view) =>
  el("img", { class: "picture", src: view.picture, alt: description ?? "" });

// Controls

function drawControl(control) {
  if (control.type === BUTTON) {
    const leaves = control.url ? [icon("out"), unseen("(a link)")] : [];
    const button = deadButton(STYLES[control.style], control.label, ...leaves);
    if (control.url) button.setAttribute("title", control.url);
    return button;
  }
  if (control.type !== SELECT) return unknown(`component ${control.type}`);
  const { placeholder, options } = control;
  const offered = options.map(({ label }) => label).join("\n");
  return el(
    "span",
    { role: "combobox", "aria-disabled": "true", "aria-expanded": "false", "aria-label": placeholder, class: "select", title: offered },
    el("span", {}, placeholder),
    icon("down"),
  );
}

const unknown = (what) => el("p", { class: "unknown" }, say("This preview can't draw “{what}”: see the JSON.", { what }));

// Markdown

function styles(again) {
  return [
    [/\\([^\p{L}\p{N}\s])/uy, ([, escaped]) => escaped],
    [/(`+)([^]*?[^`])\1(?!`)/y, ([, , code]) => el("code", {}, code.replace(/^ (?= *`)|(?<=` *) $/g, ""))],
    [/\*\*((?:\\[^]|[^\\])+?)\*\*(?!\*)/y, ([, inner]) => el("strong", {}, again(inner))],
    [/__((?:\\[^]|[^\\])+?)__(?!_)/y, ([, inner]) => el("u", {}, again(inner))],
    [/~~((?:\\[^]|[^\\])+?)~~(?!~)/y, ([, inner]) => el("s", {}, again(inner))],
    [/\|\|((?:\\[^]|[^\\])+?)\|\|/y, ([, inner]) => el("span", { class: "spoiler" }, again(inner))],
    [/\*(?=\S)((?:\\[^]|[^\\*])+?)\*(?!\*)/y, ([, inner]) => el("em", {}, again(inner))],
    [/(?<!\w)_((?:\\[^]|[^\\_])+?)_(?!\w)/y, ([, inner]) => el("em", {}, again(inner))],
  ];
}

function markdown(text, view) {
  const again = (inner) => drawBy(rules, inner);
  const called = (sign, id) => {
    const name = view.known[id]?.name ?? "unknown";
    return el("span", { class: "mention" }, sign + name);
  };
  const rules = [
    [/```(?:[\w+\-.#]+?\n)?\n*([^\n][^]*?)\n*```\n?/y, ([, code]) => el("pre", { tabindex: "0" }, el("code", {}, code))],
    [/^(#{1,3}) +(.+)\n?/my, ([, { length }, inner]) => el("h3", { class: `big b${length}` }, again(inner))],
    [/^-# +(.+)\n?/my, ([, inner]) => el("small", {}, again(inner))],
    [/^> (.*)\n?/my, ([, inner]) => el("blockquote", {}, again(inner))],
    [/^[-*] +(?=\S)/my, () => "  •  "],
    [/<@!?(\d+)>/y, ([, id]) => called("@", id)],
    [/<#(\d+)>/y, ([, id]) => called("#", id)],
    [/<(\/[^:<>]+):\d+>/y, ([, command]) => el("span", { class: "mention" }, command)],
    [/<t:(-?\d+)(?::([tTdDfFR]))?>/y, ([, unix, style]) => drawTime(new Date(unix * 1000), style, view)],
    [/<(https?:\/\/[^\s>]+)>/y, ([, url]) => deadLink(url, url)],
    [/\[((?:\\[^]|[^\\[\]])+)\]\((https?:\/\/[^\s)]+)\)/y, ([, label, url]) => deadLink(url, ...again(label))],
    [/https?:\/\/[^\s<]+[^\s<.,:;"')\]]/y, ([url]) => deadLink(url, url)],
    ...styles(again),
  ];
  return again(text);
}

function drawTime(at, style = "f", { zone, now }) {
  const words =
    style === "R"
      ? untilOrSince(at, now)
      : inFull(at, zone, {
          t: { timeStyle: "short" },
          T: { timeStyle: "medium" },
          d: { dateStyle: "short" },
          D: { dateStyle: "long" },
          f: { dateStyle: "long", timeStyle: "short" },
          F: { dateStyle: "full", timeStyle: "short" },
        }[style]);
  return el("time", { class: "moment" }, words);
}
