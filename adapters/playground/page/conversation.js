// A column of messages with a composer beneath: the channel in the middle, and the thread beside it.

import { announce, arrange, el, icon, unseen } from "./dom.js";
import { drawMessage, hasMenu, openMenu, openReactions } from "./message.js";
import { dayKey, dayName } from "./people.js";
import { Composer } from "./composer.js";
import { say } from "./words.js";

const TOGETHER = 5 * 60 * 1000;

const numberOf = (id) => Number(id.slice(1));

export class Conversation {
  /** `root` is the column, `name` its id prefix, and `app` does what is asked (see message.js). */
  constructor(root, name, app, { isThread }) {
    this.app = app;
    this.isThread = isThread;
    this.place = null;
    this.drawn = new Map();
    this.messages = [];
    this.current = null;
    this.title = el("h1", { id: `${name}-title` });
    this.about = el("p", { class: "about" });
    this.tour = el("div");
    this.meanwhile = el("div");
    this.list = el("ol", { class: "log", id: `${name}-log`, "aria-labelledby": `${name}-title` });
    this.empty = el("div", { class: "empty" });
    this.scroller = el("div", { class: "scroller" }, this.empty, this.list);
    this.newer = el("button", { type: "button", class: "newer", hidden: true }, icon("down"), "New messages");
    this.composer = new Composer(name, app, () => this.place);
    this.close = el(
      "button",
      { type: "button", class: "icon-button", onclick: () => app.closeThread() },
      icon("close"),
      unseen("Close the thread"),
    );
    const words = el("div", { class: "title-words" }, this.title, this.about);
    root.append(el("header", { class: "talk-head" }, words, isThread ? this.close : null), this.tour, this.meanwhile);
    root.append(el("div", { class: "log-frame" }, this.scroller, this.newer), this.composer.root);
    this.newer.addEventListener("click", () => this.toBottom());
    this.scroller.addEventListener("scroll", () => this.onScroll());
    // Whoever reads the newest message keeps reading it when the column changes its size.
    this.sticks = true;
    const sizes = new ResizeObserver(() => this.sticks && this.toBottom());
    for (const each of [this.scroller, this.list]) sizes.observe(each);
    this.list.addEventListener("keydown", (event) => this.onKey(event));
    this.list.addEventListener("focusin", (event) => this.makeCurrent(event.target.closest("article")));
  }

  onScroll() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.sticks = scrollHeight - scrollTop - clientHeight < 80;
    if (this.sticks) this.newer.hidden = true;
  }

  toBottom() {
    this.sticks = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.newer.hidden = true;
  }

  /** Show another place from now on; `unread` of its messages are new to the viewer. */
  enter(place, { title, about, unread = 0 }) {
    this.place = place;
    this.unread = unread;
    this.firstNew = null;
    this.marksAfter = null;
    this.drawn.clear();
    this.messages = [];
    this.current = null;
    this.fresh = true;
    this.list.replaceChildren();
    this.empty.replaceChildren();
    this.newer.hidden = true;
    this.title.textContent = title;
    this.about.textContent = about;
    this.composer.enter(place, title);
  }

  label() {
    this.newer.lastChild.data = say("New messages");
    this.close.lastElementChild.textContent = say("Close the thread");
  }

  /** Draw everything again in the language that the page speaks now; what is being written stays. */
  translate({ title, about }) {
    this.drawn.clear();
    this.empty.replaceChildren();
    this.title.textContent = title;
    this.about.textContent = about;
    this.composer.label(this.place, title);
  }

  /** Draw what stands in the place now. What has not changed is not touched. */
  show(messages, { emptyWords, mine = false } = {}) {
    const { sticks } = this;
    const focus = this.rememberFocus();
    if (this.fresh && this.unread) this.firstNew = this.findFirstNew(messages);
    const next = this.marksAfter && messages.find((message) => numberOf(message.id) > numberOf(this.marksAfter));
    if (next) this.firstNew = next.id;
    const known = new Set(this.messages.map((message) => message.id));
    const came = this.fresh ? [] : messages.filter((message) => !known.has(message.id));
    this.messages = messages;
    arrange(this.list, this.draw(messages));
    this.showEmpty(messages, emptyWords);
    this.makeCurrent(this.article(this.current) ?? this.list.querySelector("li:last-child article"));
    focus();
    for (const message of came) if (message.author !== this.app.viewer) announce(this.sayAloud(message));
    if (next && came.includes(next)) this.highlight(next.id, "start");
    else if (this.fresh || mine || sticks) this.toBottom();
    else if (came.length) this.newer.hidden = false;
    this.fresh = false;
    if (next) this.marksAfter = null;
  }

  draw(messages) {
    const { zone } = this.app;
    const now = this.app.now();
    const seen = new Map();
    const wanted = [];
    let last = null;
    for (const message of messages) {
      const at = new Date(message.at);
      const newDay = !last || dayKey(new Date(last.at), zone) !== dayKey(at, zone);
      const isNew = message.id === this.firstNew;
      const isRoot = this.isThread && message.channel !== this.place.id;
      const day = dayName(at, now, zone);
      if (newDay && !isRoot) wanted.push(this.line(seen, `day ${day}`, day, "day"));
      if (isNew) wanted.push(this.line(seen, "new", say("New"), "new"));
      const follows =
        !newDay && !isNew && last.author === message.author && !message.private === !last.private &&
        !message.pings.length && at - new Date(last.at) < TOGETHER && last.channel === message.channel;
      const key = JSON.stringify([message, follows, this.app.look(message)]);
      const old = this.drawn.get(message.id);
      const inThread = this.isThread;
      const node =
        old?.key === key ? old.node : el("li", {}, drawMessage(message, this.app, { follows, inThread }));
      seen.set(message.id, { key, node });
      wanted.push(node);
      if (isRoot) wanted.push(this.line(seen, `replies ${message.replies}`, this.countReplies(messages), "day"));
      last = message;
    }
    this.drawn = seen;
    return wanted;
  }

  line(seen, key, words, kind) {
    const node = this.drawn.get(key)?.node ?? el("li", { class: `line ${kind}` }, el("span", {}));
    node.firstElementChild.textContent = words;
    seen.set(key, { key, node });
    return node;
  }

  countReplies(messages) {
    const number = messages.length - 1;
    if (!number) return say("No replies yet");
    return number === 1 ? say("1 reply") : say("{number} replies", { number });
  }

  showEmpty(messages, words) {
    if (messages.length || !words) this.empty.replaceChildren();
    else if (!this.empty.childElementCount)
      this.empty.append(icon("sprout"), el("h2", {}, words[0]), el("p", {}, words[1]));
  }

  /** While time is skipped: draw the line above the first of what comes, and stay there to read on from it. */
  markNew(skips) {
    this.marksAfter = skips ? (this.messages.at(-1)?.id ?? "m0") : null;
  }

  focusLast() {
    this.list.querySelector("li:last-child article")?.focus({ preventScroll: true });
  }

  findFirstNew(messages) {
    const others = messages.filter((message) => message.author !== this.app.viewer);
    return others.at(-Math.min(this.unread, others.length))?.id ?? null;
  }

  sayAloud(message) {
    const { card, text } = message;
    const words = card ? [text, card.title, card.body].filter(Boolean).join(". ") : text;
    return `${message.author_name}${message.private ? ", only to you" : ""}: ${words}`.slice(0, 300);
  }

  article(id) {
    return id ? this.list.querySelector(`article[data-id="${CSS.escape(id)}"]`) : null;
  }

  /** Bring one message into view, and let it glow for a moment. */
  highlight(id, block = "center") {
    const article = this.article(id);
    if (!article) return false;
    this.sticks = false;
    article.scrollIntoView({ block });
    article.classList.remove("glow");
    void article.offsetWidth;
    article.classList.add("glow");
    this.makeCurrent(article);
    return true;
  }

  /** Bring what was just said into view, from its beginning; what is in view already stays where it is. */
  reveal(id) {
    const article = this.article(id);
    if (!article) return;
    const [seen, frame] = [article.getBoundingClientRect(), this.scroller.getBoundingClientRect()];
    if (seen.top >= frame.top && seen.bottom <= frame.bottom) return;
    this.sticks = false;
    article.scrollIntoView({ block: seen.height > frame.height ? "start" : "nearest" });
    this.onScroll();
  }

  focus() {
    (this.list.querySelector('article[tabindex="0"]') ?? this.composer.input).focus();
  }

  // Keyboard: one message at a time is a tab stop; the arrows move along.

  makeCurrent(article) {
    if (!article) return;
    this.list.querySelector('article[tabindex="0"]')?.setAttribute("tabindex", "-1");
    article.setAttribute("tabindex", "0");
    this.current = article.dataset.id;
  }

  onKey(event) {
    const article = event.target;
    if (!article.matches?.("article") || event.ctrlKey || event.metaKey || event.altKey) return;
    const all = [...this.list.querySelectorAll("article")];
    const at = all.indexOf(article);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: all.length - 1 }[event.key];
    const message = this.messages.find((each) => each.id === article.dataset.id);
    if (to !== undefined) all[to]?.focus();
    else if (!hasMenu(message, this.app)) return;
    else if (["Enter", "m", "ContextMenu"].includes(event.key)) openMenu(article, message, this.app, this.isThread);
    else if (message.private) return;
    else if (event.key === "r") openReactions(article, message, this.app);
    else if (event.key === "t" && !this.isThread) this.app.goTo(`t-${message.id}`);
    else return;
    event.preventDefault();
  }

  /** Return how to give the focus back, should what has it be drawn anew. */
  rememberFocus() {
    const focused = document.activeElement;
    const article = this.list.contains(focused) ? focused.closest("article") : null;
    if (!article) return () => {};
    const { id } = article.dataset;
    const control = focused.dataset.control;
    return () => {
      if (focused.isConnected) return;
      const now = this.article(id);
      const same = control && now?.querySelector(`[data-control="${CSS.escape(control)}"]`);
      (same || now)?.focus({ preventScroll: true });
    };
  }
}
