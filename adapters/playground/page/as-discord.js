// Draws a message as Discord does, from the JSON that Discord would be sent.

import { el, icon, unseen } from "./dom.js";
import { deadButton, deadFile, deadLink, drawBy } from "./markup.js";
import { dayKey, inFull, timeOfDay, untilOrSince } from "./people.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "secondary" };
const ROW = 1;
const BUTTON = 2;
const SELECT = 3;

/** `view` says who looks, and at what: `known`, `viewer`, `zone`, `now`, `at`, `isPrivate`, `picture`, `files`. */
export function drawDiscord(payload, view) {
  const pinged = payload.allowed_mentions.users ?? [];
  const mine = pinged.some((id) => view.known[id]?.id === view.viewer);
  return el(
    "article",
    { class: `as-discord${mine && !view.isPrivate ? " calls" : ""}`, "aria-label": "The message on Discord" },
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
      payload.content && el("p", { class: "marked" }, markdown(payload.content, view)),
      attachedBeside(payload, view).map(deadFile),
      payload.embeds.map((embed) => drawEmbed(embed, payload.attachments ?? [], view)),
      payload.components.map(drawRow),
      view.isPrivate &&
        el("p", { class: "only" }, icon("eye"), "Only you can see this • ", deadLink(null, "Dismiss message")),
    ),
  );
}

function sentAt({ at, now, zone }) {
  const isToday = dayKey(at, zone) === dayKey(now, zone);
  return isToday ? timeOfDay(at, zone) : `${dayKey(at, zone)}, ${timeOfDay(at, zone)}`;
}

// Embeds

const ATTACHED = "attachment://";

/** Return what is attached and stands in no embed, with its size. */
function attachedBeside({ attachments = [], embeds }, view) {
  const drawn = embeds.map(({ image }) => image?.url.replace(ATTACHED, ""));
  const loose = attachments.filter(({ filename }) => !drawn.includes(filename));
  return loose.map(({ filename }) => view.files.find(({ name }) => name === filename)).filter(Boolean);
}

function drawEmbed(embed, attachments, view) {
  const title = embed.title && styled(embed.title);
  const node = el(
    "section",
    { class: "embed" },
    title && el("h3", {}, embed.url ? deadLink(embed.url, ...title) : title),
    embed.description && el("div", { class: "marked" }, markdown(embed.description, view)),
    embed.fields && el("dl", {}, inRows(embed.fields).map(([field, columns]) => drawField(field, columns, view))),
    embed.image?.url.startsWith(ATTACHED) && view.picture && drawPicture(embed.image.url, attachments, view),
    embed.footer && el("p", { class: "foot" }, embed.footer.text),
  );
  if (embed.color) node.style.setProperty("--bar", `#${embed.color.toString(16).padStart(6, "0")}`);
  return node;
}

function drawPicture(url, attachments, view) {
  const attached = attachments.find(({ filename }) => url === ATTACHED + filename);
  return el("img", { class: "picture", src: view.picture, alt: attached?.description ?? "" });
}

/** Say of each field how many of twelve columns it takes: up to three fields in line share a row. */
function inRows(fields) {
  const rows = [];
  for (const field of fields) {
    const row = rows.at(-1);
    if (field.inline && row?.[0].inline && row.length < 3) row.push(field);
    else rows.push([field]);
  }
  return rows.flatMap((row) => row.map((field) => [field, 12 / row.length]));
}

const drawField = (field, columns, view) =>
  el(
    "div",
    { "data-columns": String(columns) },
    el("dt", {}, styled(field.name)),
    el("dd", { class: "marked" }, markdown(field.value, view)),
  );

// Controls

const drawRow = (row) =>
  row.type === ROW ? el("div", { class: "row" }, row.components.map(drawControl)) : unknown(`component ${row.type}`);

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

const unknown = (what) => el("p", { class: "unknown" }, `This preview cannot draw ${what}: see the JSON.`);

// Markdown

/** What Discord reads wherever it reads markdown, a title included. */
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

function styled(text) {
  return drawBy(styles(styled), text);
}

function markdown(text, view) {
  const again = (inner) => drawBy(rules, inner);
  const called = (sign, id) => {
    const name = view.known[id]?.name ?? "unknown";
    return el("span", { class: "mention" }, sign + name);
  };
  const rules = [
    [/```(?:[\w+\-.#]+?\n)?\n*([^\n][^]*?)\n*```\n?/y, ([, code]) => el("pre", { tabindex: "0" }, el("code", {}, code))],
    [/^(#{1,3}) +(.+)\n?/my, ([, { length }, inner]) => el("strong", { class: `big b${length}` }, again(inner))],
    [/^-# +(.+)\n?/my, ([, inner]) => el("small", {}, again(inner))],
    [/^> (.*)\n?/my, ([, inner]) => el("blockquote", {}, again(inner))],
    [/^[-*] +(?=\S)/my, () => "  •  "],
    [/<@!?(\d+)>/y, ([, id]) => called("@", id)],
    [/<#(\d+)>/y, ([, id]) => called("#", id)],
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
