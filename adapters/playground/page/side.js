// The column on the left: channels, and who one acts as.

import { arrange, byId, el, icon, unseen } from "./dom.js";
import { avatar, badge, city, placeName, timeOfDay } from "./people.js";
import { say } from "./words.js";

const THREADS = 3;

export class Side {
  constructor(app) {
    this.app = app;
    this.nav = byId("side");
    this.opener = byId("open-side");
    this.drawn = new Map();
    this.narrow = matchMedia("(max-width: 820px)");
    this.opener.addEventListener("click", () => this.open());
    for (const id of ["close-side", "veil"]) byId(id).addEventListener("click", () => this.close());
    this.nav.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.isOpen) this.close();
    });
    byId("language").addEventListener("change", ({ target }) => app.acts.try("language", { language: target.value }));
    byId("people").addEventListener("keydown", (event) => this.onKey(event));
    this.narrow.addEventListener("change", () => this.close());
    this.close();
  }

  get isOpen() {
    return this.nav.classList.contains("open");
  }

  open() {
    this.nav.classList.add("open");
    this.nav.inert = false;
    this.opener.setAttribute("aria-expanded", "true");
    for (const id of ["talk", "thread"]) byId(id).inert = true;
    byId("close-side").focus();
  }

  close() {
    const had = this.nav.contains(document.activeElement) && this.isOpen;
    this.nav.classList.remove("open");
    this.nav.inert = this.narrow.matches;
    this.opener.setAttribute("aria-expanded", "false");
    for (const id of ["talk", "thread"]) byId(id).inert = false;
    if (had) this.opener.focus();
  }

  draw() {
    const { app } = this;
    const seen = new Map();
    const calling = app.places.filter(({ kind, mentions }) => kind === "thread" && mentions > 0).slice(-THREADS);
    // Threads are listed beneath their channel while they are open, or somebody wants the viewer there.
    const isListed = (place) => place.kind !== "thread" || place.id === app.thread || calling.includes(place);
    const listed = app.places.filter(isListed);
    const places = listed.map((place) => {
      const facts = [place, place.id === app.current, app.thread];
      return this.keep(seen, place.id, facts, () => this.drawPlace(place));
    });
    const people = [...app.people.values()].map((person) => {
      const facts = [person, person.id === app.viewer, timeOfDay(app.now(), person.timezone)];
      return this.keep(seen, `@${person.id}`, facts, () => this.drawPerson(person));
    });
    arrange(byId("channels"), places);
    arrange(byId("people"), people);
    this.drawn = seen;
    this.showMe();
    this.drawLanguages();
    byId("leave-words").textContent = say("{name} leaves", { name: app.me.name });
    byId("side-dot").hidden = !listed.some((place) => place.unread > 0);
  }

  /** Keep whom one acts as in view, however many people there are. */
  showMe() {
    if (this.shown === this.app.viewer) return;
    this.shown = this.app.viewer;
    byId("people").querySelector('[aria-checked="true"]')?.scrollIntoView({ block: "nearest" });
  }

  /** Draw the choice of the language in which Trellis speaks to the viewer, where there is more than one. */
  drawLanguages() {
    const { languages, language } = this.app.state;
    const select = byId("language");
    select.closest("p").hidden = languages.length < 2;
    if (select.options.length !== languages.length) {
      const nameOf = (code) => new Intl.DisplayNames([code], { type: "language" }).of(code);
      select.replaceChildren(...languages.map((code) => el("option", { value: code }, nameOf(code))));
    }
    select.value = language;
  }

  /** Return what was drawn before, unless the facts have changed. */
  keep(seen, id, facts, draw) {
    const key = JSON.stringify(facts);
    const old = this.drawn.get(id);
    const node = old?.key === key ? old.node : draw();
    if (old && old.node !== node && old.node.contains(document.activeElement))
      queueMicrotask(() => (node.querySelector("a") ?? node).focus());
    seen.set(id, { key, node });
    return node;
  }

  drawPlace(place) {
    const { app } = this;
    const isHere = place.id === app.thread || (place.id === app.current && !app.thread);
    const sign =
      place.kind === "direct" ? avatar("trellis", "Trellis")
      : place.kind === "thread" ? icon("reply")
      : place.id === "agents" ? icon("lock")
      : el("span", { class: "hash", "aria-hidden": "true" }, "#");
    const count =
      place.mentions > 0 ? el("span", { class: "count loud" }, String(place.mentions), unseen(place.mentions === 1 ? " mention" : " mentions"))
      : place.unread > 0 ? el("span", { class: "count" }, String(place.unread), unseen(" new"))
      : null;
    return el(
      "li",
      { class: place.kind },
      el(
        "a",
        {
          href: `#/${place.id}`,
          class: place.unread ? "unread" : "",
          "aria-current": isHere ? "page" : null,
          onclick: () => this.close(),
        },
        sign,
        el("span", { class: "name" }, placeName(place).replace("#", "")),
        place.kind === "direct" && el("span", { class: "note" }, say("only you")),
        count,
      ),
    );
  }

  drawPerson(person) {
    const { app } = this;
    const isMe = person.id === app.viewer;
    return el(
      "button",
      {
        type: "button",
        class: "person",
        role: "radio",
        "aria-checked": String(isMe),
        tabindex: isMe ? "0" : "-1",
        "data-id": person.id,
        title: `${person.name} lives in the time zone ${person.timezone}`,
        onclick: () => this.choose(person),
      },
      avatar(person.id, person.name),
      el("span", { class: "name" }, person.name),
      isMe && el("span", { class: "badge you" }, say("you")),
      badge(person.roles),
      el("time", { title: city(person.timezone) }, timeOfDay(app.now(), person.timezone)),
    );
  }

  choose(person) {
    this.close();
    this.app.actAs(person.id);
  }

  onKey(event) {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...byId("people").children];
    const next = all[(all.indexOf(event.target) + step + all.length) % all.length];
    next.focus();
    this.app.actAs(next.dataset.id);
  }
}
