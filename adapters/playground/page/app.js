// The page as a whole: what it knows, and what happens when someone does something.

import { Acts } from "./acts.js";
import * as api from "./api.js";
import { Clock } from "./clock.js";
import { Conversation } from "./conversation.js";
import { announce, byId, clearToasts, el, icon, toast, unseen } from "./dom.js";
import { Frame } from "./frame.js";
import { ago, placeName } from "./people.js";
import { Side } from "./side.js";
import { Skipping } from "./skipping.js";
import { Tour } from "./tour.js";
import { language, readShell, say, speak } from "./words.js";

const ABOUT = {
  general: "Everything that has no place of its own",
  help: "Questions, and the people who answer them",
  introductions: "Say hello, and meet who is new",
  events: "What we do together, and when",
  ideas: "What could be better, and who wants it too",
  agents: "Where those who help for a living work together. Members do not see this",
};
const MAY_DELETE = ["moderator", "admin"];
const AWAY = "Trellis doesn't answer. Reconnecting …";

/** Everything that parts of the page ask of each other. */
class App {
  constructor(state) {
    this.state = state;
    this.viewer = this.state.members.some(({ id }) => id === localStorage.getItem("viewer"))
      ? localStorage.getItem("viewer")
      : this.state.members[0]?.id;
    this.current = null;
    this.thread = null;
    this.acts = new Acts(this);
    this.skipping = new Skipping(this);
    this.clock = new Clock((how) => this.skipping.skip(how));
    this.talk = new Conversation(byId("talk"), "talk", this, { isThread: false });
    this.beside = new Conversation(byId("thread"), "thread", this, { isThread: true });
    this.side = new Side(this);
  }

  async start() {
    this.tour = new Tour(this, this.talk.tour);
    new Frame(this);
    this.starting = true;
    this.listen();
    try {
      await this.refreshState();
      await this.follow();
    } catch (refusal) {
      if (!(refusal instanceof api.Refusal)) throw refusal;
      // Trellis went away meanwhile: the rest is drawn once it answers again.
    } finally {
      this.starting = false;
      this.soon();
    }
  }

  // What is known

  get people() {
    return new Map(this.state.members.map((person) => [person.id, person]));
  }

  get me() {
    return this.state.members.find(({ id }) => id === this.viewer);
  }

  get zone() {
    return this.me.timezone;
  }

  get places() {
    const threads = this.state.channels.filter(({ kind }) => kind === "thread");
    const others = this.state.channels.filter(({ kind }) => kind !== "thread");
    return others.flatMap((place) => [place, ...threads.filter(({ parent }) => parent === place.id)]);
  }

  get commands() {
    return this.state.commands;
  }

  get shortcuts() {
    return this.state.shortcuts;
  }

  get personShortcuts() {
    return this.state.person_shortcuts;
  }

  get previews() {
    return this.state.previews;
  }

  now() {
    return this.clock.now();
  }

  mayDelete(message) {
    return !message.private && (message.author === this.viewer || this.me.roles.some((role) => MAY_DELETE.includes(role)));
  }

  mayEdit(message) {
    return !message.private && message.author === this.viewer;
  }

  place(id) {
    return this.state.channels.find((place) => place.id === id);
  }

  /** What a message's looks depend on besides itself. */
  look(message) {
    const last = message.replied && ago(new Date(message.replied), this.now());
    const { roles } = this.people.get(message.author) ?? {};
    return [language(), this.viewer, this.zone, last, message.thread && this.place(message.thread)?.unread, this.shortcuts, roles];
  }

  isShown(place) {
    return place === this.current || place === this.thread;
  }

  // Keeping up

  async refreshState() {
    this.state = await api.getState(this.viewer);
    if (await speak(this.state.language)) this.translate();
    this.clock.set(this.state.now);
    this.draw();
  }

  /** Say again in another language what was said in one. */
  translate() {
    for (const each of [this.talk, this.beside]) each.label();
    this.tour?.draw();
    if (!this.current) return;
    const thread = this.thread && (this.place(this.thread) ?? this.beside.place);
    this.talk.translate(this.titled(this.place(this.current) ?? this.talk.place));
    if (thread) this.beside.translate(this.titled(thread));
    this.side.drawn.clear();
  }

  titled(place) {
    if (place.kind === "thread") return { title: say("Thread"), about: say("in {place}", { place: placeName(this.talk.place) }) };
    const { name } = this.me;
    const about = place.kind === "direct" ? say("Between Trellis and {name} alone", { name }) : say(ABOUT[place.id] ?? "");
    return { title: placeName(place), about };
  }

  draw() {
    this.clock.draw(this.me, this.state.timezone);
    this.side.draw();
    this.drawPages();
    const unread = this.state.channels.reduce((sum, place) => sum + place.mentions, 0);
    document.title = `${unread ? `(${unread}) ` : ""}${this.talk.title.textContent} · Trellis playground`;
  }

  /** Draw links to the pages that Trellis serves beside this one. */
  drawPages() {
    for (const nav of document.querySelectorAll("nav.pages")) {
      const names = this.state.pages.map(({ name }) => `${language()} ${name}`).join("\n");
      if (nav.dataset.names === names) continue;
      nav.dataset.names = names;
      const links = this.state.pages.map(({ name, url }) =>
        el("a", { href: url, target: "_blank", rel: "noopener" }, name, icon("out"), unseen(say("(opens a new tab)"))),
      );
      nav.replaceChildren(...links);
      nav.hidden = !links.length;
    }
  }

  listen() {
    this.stopListening?.();
    this.stopListening = api.listen(this.viewer, {
      changed: () => this.soon(),
      connected: () => {
        tellOffline("");
        this.soon();
      },
      lost: () => tellOffline(say(AWAY)),
    });
  }

  /** Look at everything again in a moment, once for all that changed until then. */
  soon() {
    this.waiting ??= setTimeout(() => {
      this.waiting = null;
      this.refresh().catch(() => {});
    }, 60);
  }

  async refresh({ mine = false } = {}) {
    if (this.starting) return;
    await this.refreshState();
    if (!this.current) {
      await this.follow();
      return;
    }
    await this.showMessages({ mine });
    await this.markRead();
  }

  async showMessages({ mine = false } = {}) {
    const { viewer, current, thread } = this;
    const [inChannel, inThread] = await Promise.all([
      api.getMessages(current, viewer),
      thread && this.place(thread) ? api.getMessages(thread, viewer) : { messages: [] },
    ]);
    // Someone may have gone elsewhere while the answer was on its way.
    if (viewer !== this.viewer || current !== this.current || thread !== this.thread) return;
    this.talk.show(inChannel.messages, { emptyWords: this.emptyWords(), mine });
    if (!thread) return;
    const root = inChannel.messages.find(({ id }) => `t-${id}` === thread);
    this.beside.show([...(root ? [root] : []), ...inThread.messages], { mine });
  }

  emptyWords() {
    const place = this.place(this.current);
    if (place.kind === "direct") return [say("Nothing yet"), say("What Trellis tells you alone arrives here.")];
    const words = say("Be the first to write something, or type / to see what Trellis can do.");
    return [say("Nothing has grown in {place} yet", { place: placeName(place) }), words];
  }

  /** Tell Trellis what has been seen, unless nobody looks. */
  async markRead() {
    if (document.hidden || this.skipping.busy) return;
    const seen = [this.current, this.thread].filter((id) => this.place(id)?.unread > 0);
    if (!seen.length) return;
    await Promise.all(seen.map((channel) => api.act(this.viewer, "read", { channel })));
    await this.refreshState();
    await this.showMessages();
  }

  // Going somewhere

  goTo(place, message = null) {
    const hash = `#/${place}${message ? `/${message}` : ""}`;
    if (location.hash !== hash) history.pushState(null, "", hash);
    return this.follow();
  }

  /** Show what the address says: `#/help`, `#/help/m12`, or the thread beneath it, `#/t-m12`. */
  async follow() {
    const [, where = "", message = null] = location.hash.split("/").map(decodeURIComponent);
    let place = this.place(where);
    let thread = null;
    const root = where.startsWith("t-") ? where.slice(2) : null;
    if (place?.kind === "thread") {
      thread = place;
      place = this.place(place.parent);
    } else if (!place && root && this.talk.article(root)) {
      thread = { id: where, kind: "thread", name: "Thread" };
      place = this.place(this.current);
    }
    if (!place) {
      if (where) toast(say("{name} can't see that, or it doesn't exist.", { name: this.me.name }), { kind: "problem" });
      place = this.place(this.current) ?? this.place("help") ?? this.places[0];
      history.replaceState(null, "", `#/${place.id}`);
    }
    this.enter(place, thread);
    if (thread && !message) this.beside.composer.input.focus({ preventScroll: true });
    await this.showMessages();
    if (message) (thread ? this.beside : this.talk).highlight(message);
    await this.markRead();
    this.draw();
  }

  enter(place, thread) {
    if (place.id !== this.current || this.changedViewer) {
      this.current = place.id;
      this.talk.enter(place, { ...this.titled(place), unread: place.unread });
    }
    if (thread && (thread.id !== this.thread || this.changedViewer)) {
      this.beside.enter(thread, { ...this.titled(thread), unread: thread.unread });
    }
    this.thread = thread?.id ?? null;
    this.changedViewer = false;
    byId("thread").hidden = !thread;
    byId("body").classList.toggle("with-thread", Boolean(thread));
    this.draw();
  }

  async closeThread() {
    const root = this.thread?.slice(2);
    await this.goTo(this.current);
    this.talk.article(root)?.focus();
  }

  async actAs(viewer) {
    if (viewer === this.viewer) return;
    this.viewer = viewer;
    this.changedViewer = true;
    localStorage.setItem("viewer", viewer);
    await this.refreshState();
    announce(say("You act as {name} now", { name: this.me.name }));
    clearToasts();
    this.talk.meanwhile.replaceChildren();
    if (!this.place(this.current)) history.replaceState(null, "", "#/help");
    await this.follow();
    this.listen();
  }

  // For the parts of the page

  /** Give the focus to a message, where it is lost because what had it was drawn anew. */
  focusMessage(id) {
    if (document.activeElement === document.body) (this.beside.article(id) ?? this.talk.article(id))?.focus();
  }

  /** Become someone, somewhere, with words ready to be sent. */
  async prepare(viewer, place, words) {
    if (!this.people.has(viewer)) return;
    await this.actAs(viewer);
    if (this.place(place)) await this.goTo(place);
    this.talk.composer.prepare(words);
  }

  focusComposer() {
    this.talk.composer.input.focus();
  }
}

/** Say why nothing can be done just now, or nothing once it can be. */
function tellOffline(words) {
  const line = byId("offline");
  if (line.textContent !== words) line.textContent = words;
  line.hidden = !words;
}

/** Begin as soon as Trellis answers; until then say what it is busy with. */
async function begin() {
  let state;
  try {
    state = await api.getEveryone();
  } catch (refusal) {
    if (!(refusal instanceof api.Refusal)) throw refusal;
    tellOffline(refusal.message);
    setTimeout(begin, 700);
    return;
  }
  tellOffline("");
  await new App(state).start();
}

readShell();
begin();
