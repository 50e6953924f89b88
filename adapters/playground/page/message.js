// One message, drawn: who wrote it, its words or its card, its buttons, reactions and thread.

import { el, icon, openPopup, closePopup, unseen } from "./dom.js";
import { ago, avatar, badge, givenBadges, moment, sizeOf, timeOfDay, wholeMoment } from "./people.js";
import { platforms } from "./preview.js";
import { say } from "./words.js";

const EMOJI = ["👍", "❤️", "🎉", "👀", "✅", "🙏", "🌱", "😂"];

/**
 * Draw a message for a page whose `app` says who looks and does what is asked: `people`, `viewer`, `zone`, `now`,
 * `shortcuts`, `personShortcuts`, `previews`, `place(id)`, `press`, `react`, `pick`, `pickAuthor`, `goTo`, `copyLink`,
 * `seeAs`, `mayEdit`, `edit`, `mayDelete`, `remove`.
 */
export function drawMessage(message, app, { follows, inThread }) {
  const at = new Date(message.at);
  const author = app.people.get(message.author);
  const mine = message.pings.some((ping) => ping.id === app.viewer);
  const article = el(
    "article",
    {
      class: `message${follows ? " follows" : ""}${message.private ? " private" : ""}${mine ? " pinged" : ""}`,
      tabindex: "-1",
      "data-id": message.id,
      "aria-label": `${message.author_name}, ${timeOfDay(at, app.zone)}`,
    },
    el("div", { class: "gutter" }, follows ? null : avatar(message.author, message.author_name)),
    el(
      "div",
      { class: "content" },
      el(
        "header",
        { class: follows ? "unseen" : "byline" },
        el("strong", {}, message.author_name),
        message.author === "trellis" ? el("span", { class: "badge app" }, say("app")) : badge(author?.roles),
        givenBadges(author?.roles),
        el("time", { datetime: message.at, title: wholeMoment(at, app.zone) }, timeOfDay(at, app.zone)),
      ),
      message.private &&
        el("p", { class: "only-you" }, icon("eye"), say("Only you can see this")),
      message.card
        ? drawCard(message, app)
        : el("p", { class: "words", dir: "auto" }, drawSpans(message.spans, app), message.edited && el("small", {}, say(" (edited)"))),
      drawReactions(message, app),
      !inThread && message.replies > 0 && drawThread(message, app),
    ),
  );
  if (hasMenu(message, app)) article.append(drawTools(message, app, inThread));
  return article;
}

function drawSpans(spans, app) {
  return spans.map((span) => {
    switch (span.kind) {
      case "strong":
        return el("strong", {}, span.text);
      case "code":
        return span.block ? el("pre", { tabindex: "0" }, el("code", {}, span.text)) : el("code", {}, span.text);
      case "link":
        return el("a", leadingTo(span.url), span.text);
      case "time":
        return drawTime(span, app);
      case "mention":
        return drawMention(span.text, span.member, app);
      case "channel":
        return app.place(span.channel)
          ? el("a", { class: "mention", href: `#/${span.channel}` }, span.text)
          : el("span", { class: "mention" }, span.text);
      default:
        return document.createTextNode(span.text);
    }
  });
}

function drawTime(span, app) {
  const at = new Date(span.at);
  return el("time", { datetime: span.at, title: wholeMoment(at, app.zone) }, moment(at, span.style, app.now(), app.zone));
}

/** Return the attributes of a link: elsewhere in a tab of its own, within the playground right here. */
function leadingTo(url) {
  const { origin, hash } = new URL(url);
  if (origin === location.origin && hash) return { href: hash };
  return { href: url, target: "_blank", rel: "noopener noreferrer" };
}

const drawMention = (text, member, app) =>
  el("span", { class: member === app.viewer ? "mention you" : "mention" }, text);

/** Name those whom a card calls and does not name in its words. */
function drawCalled(called, app) {
  const names = called.flatMap(({ id, name }) => [drawMention(`@${name}`, id, app), " "]);
  return el("p", { class: "called" }, names);
}

function drawCard(message, app) {
  const { card, controls } = message;
  const drawn = new Map(controls.map((control) => [control.id, drawControl(control, message, app)]));
  const lists = card.lists.map((list) => drawList(list, drawn, app));
  const buttons = [...drawn.values()].filter((node) => !node.classList.contains("of-item"));
  return el(
    "section",
    { class: `card ${card.tone}` },
    card.title && el("h2", { dir: "auto" }, drawSpans(card.spans.title, app)),
    card.body && el("div", { class: "words", dir: "auto" }, drawSpans(card.spans.body, app)),
    lists,
    card.fields.length > 0 &&
      el(
        "dl",
        {},
        card.fields.map((field) =>
          el("div", { class: field.short ? "short" : field.value.includes("\n") ? "many" : null }, el("dt", {}, field.name), el("dd", { dir: "auto" }, drawSpans(field.spans, app))),
        ),
      ),
    card.image && drawPicture(card),
    card.files.length > 0 && drawFiles(card.files),
    message.called.length > 0 && drawCalled(message.called, app),
    buttons.length > 0 && el("div", { class: "controls" }, buttons),
    card.footer && el("p", { class: "footer", dir: "auto" }, drawSpans(card.spans.footer, app)),
  );
}

/** Draw a list of a card: each thing with its own controls, taken from those that are `drawn`. */
function drawList({ name, items }, drawn, app) {
  return el(
    "section",
    { class: "list" },
    name && el("h3", {}, name),
    el(
      "ul",
      {},
      items.map(({ text, spans, controls }) => {
        const about = text.split("\n", 1)[0];
        const buttons = controls.map((id) => drawn.get(id));
        for (const button of buttons) {
          button.classList.add("of-item");
          button.append(unseen(`: ${about}`));
        }
        return el("li", {}, el("div", { class: "words", dir: "auto" }, drawSpans(spans, app)), buttons);
      }),
    ),
  );
}

function drawPicture({ image, image_text }) {
  return el(
    "figure",
    {},
    el(
      "a",
      { href: image, target: "_blank", rel: "noopener", title: say("Open the picture") },
      el("img", { src: image, alt: image_text }),
      unseen(say("(opens a new tab)")),
    ),
    el("details", {}, el("summary", {}, say("In words")), el("p", {}, image_text)),
  );
}

function drawFiles(files) {
  return el(
    "ul",
    { class: "files", "aria-label": say("Files") },
    files.map(({ name, url, size }) =>
      el(
        "li",
        {},
        el("a", { href: url, download: name }, icon("file"), el("span", {}, name), el("small", {}, sizeOf(size))),
      ),
    ),
  );
}

function drawControl(control, message, app) {
  if (control.kind === "link") {
    const link = leadingTo(control.url);
    const leaves = link.target ? [icon("out"), unseen(say("(opens a new tab)"))] : [];
    return el("a", { class: "button", ...link }, control.label, leaves);
  }
  const button = el(
    "button",
    {
      type: "button",
      class: `button ${control.kind === "menu" ? "menu" : control.style}`,
      disabled: control.disabled,
      "data-control": control.id,
      "aria-haspopup": control.kind === "menu" ? (control.most > 1 ? "dialog" : "menu") : null,
    },
    control.label,
    control.kind === "menu" && icon("down"),
  );
  const press = (values) => app.acts.press(button, message, control, values);
  button.addEventListener("click", () => {
    if (control.kind === "button") press([]);
    else if (control.most > 1) chooseSome(button, control, press);
    else chooseOne(button, control, press);
  });
  return button;
}

function chooseOne(anchor, control, press) {
  const items = control.options.map((option) => item(option.label, () => press([option.value])));
  openPopup(anchor, control.label, items);
}

function chooseSome(anchor, control, press) {
  const choose = el("button", { type: "submit", class: "button primary" }, say("Choose"));
  const chosen = () => [...form.querySelectorAll("input:checked")].map((input) => input.value);
  const form = el(
    "form",
    {
      class: "choices",
      onchange: () => {
        const full = chosen().length >= control.most;
        for (const input of form.querySelectorAll("input")) input.disabled = full && !input.checked;
      },
      onsubmit: (event) => {
        event.preventDefault();
        if (!chosen().length) return;
        closePopup();
        press(chosen());
      },
    },
    el("p", {}, control.most < control.options.length ? say("Choose up to {number}", { number: control.most }) : say("Choose any")),
    control.options.map((option) =>
      el("label", {}, el("input", { type: "checkbox", value: option.value }), option.label),
    ),
    choose,
  );
  openPopup(anchor, control.label, form, { role: "dialog" });
}

function item(label, act, name = null) {
  const chosen = () => {
    closePopup();
    act();
  };
  return el("button", { type: "button", role: "menuitem", onclick: chosen }, name && icon(name), label);
}

function drawReactions(message, app) {
  const reactions = Object.entries(message.reactions);
  if (!reactions.length) return null;
  return el(
    "ul",
    { class: "reactions", "aria-label": say("Reactions") },
    reactions.map(([emoji, who]) => {
      const mine = who.includes(app.viewer);
      const names = who.map((id) => (id === app.viewer ? "you" : (app.people.get(id)?.name ?? id))).join(", ");
      return el(
        "li",
        {},
        el(
          "button",
          {
            type: "button",
            "aria-pressed": String(mine),
            "aria-label": `${emoji} ${who.length}, by ${names}`,
            title: names,
            "data-control": `react ${emoji}`,
            onclick: () => app.acts.react(message, emoji, !mine),
          },
          el("span", {}, emoji),
          String(who.length),
        ),
      );
    }),
  );
}

function drawThread(message, app) {
  const unread = Math.min(app.place(message.thread)?.unread ?? 0, message.replies);
  const number = message.replies;
  const replies = number === 1 ? say("1 reply") : say("{number} replies", { number });
  return el(
    "a",
    { class: "thread-link", href: `#/${message.thread}`, "data-control": "thread" },
    icon("reply"),
    el("strong", {}, replies),
    unread > 0 && el("span", { class: "count" }, say("{number} new", { number: unread })),
    el("span", {}, ago(new Date(message.replied), app.now())),
  );
}

/** Say whether anything can be done with a message: a private one can only be looked at. */
export const hasMenu = (message, app) => !message.private || (message.card && platforms(app).length > 0);

function drawTools(message, app, inThread) {
  const tool = (name, label, act, extra = "") =>
    el(
      "button",
      {
        type: "button",
        class: `icon-button ${extra}`,
        tabindex: "-1",
        title: label,
        onclick: (event) => act(event.currentTarget),
      },
      icon(name),
      unseen(label),
    );
  return el(
    "div",
    { class: "tools" },
    !message.private && tool("react", say("React"), (anchor) => openReactions(anchor, message, app), "only-wide"),
    !message.private && !inThread && tool("reply", say("Reply in thread"), () => app.goTo(`t-${message.id}`), "only-wide"),
    tool("more", say("More"), (anchor) => openMenu(anchor, message, app, inThread)),
  );
}

const reactionRow = (message, app) =>
  el(
    "div",
    { class: "emoji", role: "group", "aria-label": say("React") },
    EMOJI.map((emoji) => {
      const mine = message.reactions[emoji]?.includes(app.viewer) ?? false;
      return item(emoji, () => app.acts.react(message, emoji, !mine));
    }),
  );

export function openReactions(anchor, message, app) {
  openPopup(anchor, say("React"), reactionRow(message, app));
}

/** Open what can be done with a message: react, reply, see it elsewhere, and what Trellis offers for it and its author. */
export function openMenu(anchor, message, app, inThread) {
  const previews = message.card ? platforms(app) : [];
  const seeAs = previews.map(({ id, name }) => item(say("See as {platform}", { platform: name }), () => app.acts.seeAs(id, message), "eye"));
  const shared = [
    reactionRow(message, app),
    !inThread && item(say("Reply in thread"), () => app.goTo(`t-${message.id}`), "reply"),
    item(say("Copy link"), () => app.acts.copyLink(message), "link"),
  ];
  if (app.mayEdit(message)) shared.push(item(say("Edit"), () => app.acts.edit(message), "pencil"));
  if (app.mayDelete(message)) shared.push(item(say("Delete"), () => app.acts.remove(message), "bin"));
  const shortcuts = app.shortcuts.map((name) => item(name, () => app.acts.pick(message, name), "bolt"));
  const named = message.author === "trellis" ? [] : app.personShortcuts;
  const onAuthor = named.map((name) => item(`${name}: ${message.author_name}`, () => app.acts.pickAuthor(message, name), "bolt"));
  const groups = message.private ? [seeAs] : [[...shared, ...seeAs], shortcuts, onAuthor];
  const content = groups.filter(({ length }) => length).flatMap((group, number) => (number ? [el("hr"), ...group] : group));
  openPopup(anchor, say("What to do with this message"), content.filter(Boolean));
}
