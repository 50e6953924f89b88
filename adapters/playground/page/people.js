// How people and moments are written.

import { el } from "./dom.js";
import { language, say } from "./words.js";

const BADGES = { agent: "agent", moderator: "moderator", admin: "admin" };

const hues = new Map();

/** Draw someone as two letters, in a colour that nobody near them has. */
export function avatar(id, name) {
  if (id === "trellis") return el("img", { class: "avatar", src: "leaf.svg", alt: "" });
  if (!hues.has(id)) hues.set(id, hues.size % 8);
  const initials = name.split(/\s+/).slice(0, 2).map((word) => [...word][0]).join("").toUpperCase();
  return el("span", { class: "avatar", "data-hue": String(hues.get(id)), "aria-hidden": "true" }, initials);
}

/** Draw what someone is here beside a member: the roles that Trellis gave them. */
export const givenBadges = (roles) =>
  (roles ?? []).filter((role) => role !== "member" && !BADGES[role]).map((role) => el("span", { class: "badge" }, role));

export function badge(roles) {
  const role = roles?.find((each) => BADGES[each]);
  return role ? el("span", { class: `badge ${role}` }, say(BADGES[role])) : null;
}

const cached = new Map();
const LOCALES = { en: "en-GB", de: "de-DE" };

function format(zone, options) {
  const key = language() + zone + JSON.stringify(options);
  if (!cached.has(key)) cached.set(key, new Intl.DateTimeFormat(LOCALES[language()], { timeZone: zone, ...options }));
  return cached.get(key);
}

export const timeOfDay = (at, zone) => format(zone, { hour: "2-digit", minute: "2-digit" }).format(at);
export const dayKey = (at, zone) => format(zone, { dateStyle: "short" }).format(at);
export const shortDay = (at, zone, withYear = false) =>
  format(zone, { weekday: "short", day: "numeric", month: "short", ...(withYear && { year: "numeric" }) }).format(at).replace(",", "");
export const wholeMoment = (at, zone) => format(zone, { dateStyle: "full", timeStyle: "short" }).format(at);
export const city = (zone) => zone.split("/").pop().replaceAll("_", " ");

/** "Today", "Yesterday", or the day itself. */
export function dayName(at, now, zone) {
  const key = dayKey(at, zone);
  if (key === dayKey(now, zone)) return say("Today");
  if (key === dayKey(new Date(now - 86400000), zone)) return say("Yesterday");
  return format(zone, { weekday: "long", day: "numeric", month: "long" }).format(at);
}

/** "just now", "5 minutes ago", "2 days ago". */
export function ago(at, now) {
  const seconds = (now - at) / 1000;
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]]) {
    const number = Math.round(seconds / size);
    if (number >= 1) return new Intl.RelativeTimeFormat(LOCALES[language()]).format(-number, unit);
  }
  return say("just now");
}

/** A moment in whatever length `options` of Intl ask for. */
export const inFull = (at, zone, options) => format(zone, options).format(at);

/** "in 2 hours", "5 minutes ago", "now". */
export function untilOrSince(at, now) {
  const seconds = (at - now) / 1000;
  for (const [unit, size] of [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60]])
    if (Math.abs(seconds) >= size) return new Intl.RelativeTimeFormat(LOCALES[language()]).format(Math.round(seconds / size), unit);
  return new Intl.RelativeTimeFormat(LOCALES[language()], { numeric: "auto" }).format(0, "second");
}

/** A moment of a card in its `style`: "Thu 26 Nov, 18:00 (in 2 days)", "Thu 26 Nov", "in 2 days". */
export function moment(at, style, now, zone) {
  const away = untilOrSince(at, now);
  if (style === "relative") return away;
  const day = shortDay(at, zone, at.getFullYear() !== now.getFullYear());
  return style === "date" ? day : `${day}, ${timeOfDay(at, zone)} (${away})`;
}

/** "312 bytes", "4 KB", "1.2 MB". */
export function sizeOf(bytes) {
  if (bytes < 1000) return bytes === 1 ? "1 byte" : `${bytes} bytes`;
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** What to call a channel, for whoever looks. */
export function placeName(place) {
  if (place.kind === "direct") return "Trellis";
  return place.kind === "thread" ? place.name : `#${place.name}`;
}
