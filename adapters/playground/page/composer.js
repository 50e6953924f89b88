// Where one writes: messages, and commands with their completion.

import { el, icon, unseen } from "./dom.js";
import { getSuggestions, Refusal } from "./api.js";
import { suggested, suggestions } from "./suggest.js";
import { say } from "./words.js";

/** How long to wait for the next key, in milliseconds. */
const ASK_AFTER = 120;

export class Composer {
  constructor(name, app, place) {
    this.app = app;
    this.place = place;
    this.drafts = new Map();
    this.items = [];
    this.options = [];
    this.chosen = -1;
    this.input = el("textarea", {
      id: `${name}-input`,
      dir: "auto",
      rows: "1",
      maxlength: "4000",
      autocomplete: "off",
      "aria-controls": `${name}-offers`,
      "aria-autocomplete": "list",
      "aria-describedby": `${name}-problem ${name}-usage`,
    });
    this.offers = el("div", { class: "offers", id: `${name}-offers`, role: "listbox", "aria-label": "Suggestions" });
    this.usage = el("p", { class: "usage", id: `${name}-usage` });
    this.problem = el("p", { class: "problem", id: `${name}-problem`, role: "alert" });
    this.send = el("button", { type: "submit", class: "icon-button send" }, icon("send"), unseen("Send"));
    this.commands = el(
      "button",
      {
        type: "button",
        class: "icon-button slash",
        title: "Commands",
        "aria-controls": `${name}-offers`,
        "aria-expanded": "false",
        onpointerdown: (event) => event.preventDefault(),
        onclick: () => this.browse(),
      },
      el("span", { "aria-hidden": "true" }, "/"),
      unseen("Look through the commands"),
    );
    this.box = el("div", { class: "composer-box" }, this.commands, this.input, this.send);
    this.root = el("form", { class: "composer" }, this.offers, this.usage, this.problem, this.box);
    this.root.addEventListener("submit", (event) => (event.preventDefault(), this.submit()));
    this.input.addEventListener("input", () => this.onInput());
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.offer([]), 150));
  }

  /** Write in another place from now on; what was begun elsewhere waits there. */
  enter(place, title) {
    if (this.in) this.drafts.set(this.in, this.input.value);
    this.in = `${this.app.viewer}/${place.id}`;
    this.set(this.drafts.get(this.in) ?? "");
    this.label(place, title);
  }

  /** Say in the language of the page where one writes. */
  label(place, title) {
    const replies = place.kind === "thread";
    const whole = replies ? "Reply in {place}, or type / for commands" : "Write in {place}, or type / for commands";
    this.input.setAttribute("aria-label", say(whole, { place: title }));
    this.input.placeholder = say(replies ? "Reply, or type / for commands" : "Write, or type / for commands");
    this.offers.ariaLabel = say("Suggestions");
    this.send.lastElementChild.textContent = say("Send");
    this.commands.title = say("Commands");
    this.commands.lastElementChild.textContent = say("Look through the commands");
  }

  set(words) {
    this.input.value = words;
    this.grow();
    this.say("");
    this.suggest([]);
  }

  /** Put words into the box and the cursor behind them. */
  prepare(words) {
    this.set(words);
    this.input.focus();
    this.input.setSelectionRange(words.length, words.length);
    this.onInput();
  }

  /** Show all commands, or put them away again. */
  browse() {
    const isOpen = this.items.length > 0;
    if (!this.input.value || this.input.value === "/") this.prepare(isOpen ? "" : "/");
    else {
      this.input.focus();
      this.suggest(isOpen ? [] : null);
    }
  }

  say(problem) {
    this.problem.textContent = problem;
  }

  grow() {
    this.input.style.height = "auto";
    if (this.input.scrollHeight) this.input.style.height = `${Math.min(this.input.scrollHeight, 180)}px`;
  }

  onInput() {
    this.grow();
    this.say("");
    this.suggest();
  }

  // What could be meant

  suggest(items = null) {
    const typed = this.input.value.slice(0, this.input.selectionStart);
    const found = items ? { items } : suggestions(typed, this.app);
    this.usage.replaceChildren(...drawUsage(found.command));
    this.offer(found.items, found.eager);
    clearTimeout(this.asking);
    if (found.asks) this.asking = setTimeout(() => this.askFor(found.asks, found.items), ASK_AFTER);
  }

  /** Ask Trellis what an option may be, unless more was typed in the meantime. */
  async askFor(asks, items) {
    const { value } = this.input;
    const { command, option, typed } = asks;
    const asked = { viewer: this.app.viewer, channel: this.askedIn(), command: command.name, option: option.name, typed };
    const { options } = await getSuggestions(asked).catch(() => ({ options: [] }));
    if (this.input.value === value && document.activeElement === this.input)
      this.offer([...items, ...suggested(asks, options)]);
  }

  /** Return where one writes; a thread that nobody has opened yet is not there to be asked in. */
  askedIn() {
    const { id } = this.place();
    return this.app.place(id) ? id : this.app.current;
  }

  offer(items, eager = false) {
    this.items = items;
    this.options = items.map((item, at) => this.drawOption(item, at));
    this.offers.replaceChildren(...this.drawGroups());
    this.commands.setAttribute("aria-expanded", String(items.length > 0));
    this.offers.scrollTop = 0;
    this.choose(eager && items.length ? 0 : -1);
  }

  drawOption(item, at) {
    return el(
      "div",
      {
        role: "option",
        id: `${this.offers.id}-${at}`,
        "aria-selected": "false",
        onpointerdown: (event) => event.preventDefault(),
        onclick: () => this.take(item),
      },
      el("span", { class: "offer-name" }, item.label),
      item.options && el("span", { class: "offer-options" }, item.options),
      item.hint && el("span", { class: "offer-hint" }, item.hint),
    );
  }

  /** Return what is offered, under a heading wherever a new group begins. */
  drawGroups() {
    const drawn = [];
    let group = null;
    this.items.forEach(({ group: name }, at) => {
      if (!name) drawn.push(this.options[at]);
      else {
        if (group?.ariaLabel !== name) {
          const heading = el("p", { "aria-hidden": "true" }, name);
          drawn.push((group = el("div", { role: "group", "aria-label": name }, heading)));
        }
        group.append(this.options[at]);
      }
    });
    return drawn;
  }

  choose(at) {
    this.options[this.chosen]?.setAttribute("aria-selected", "false");
    this.chosen = at;
    const option = this.options[at];
    option?.setAttribute("aria-selected", "true");
    if (at === 0) this.offers.scrollTop = 0;
    else option?.scrollIntoView({ block: "nearest" });
    if (option) this.input.setAttribute("aria-activedescendant", option.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  take(item) {
    const after = this.input.value.slice(this.input.selectionStart);
    const before = this.input.value.slice(0, item.from) + item.insert;
    this.input.value = before + after;
    this.input.focus();
    this.input.setSelectionRange(before.length, before.length);
    this.onInput();
  }

  onKey(event) {
    if (event.isComposing) return;
    const { items } = this;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && items.length) {
      event.preventDefault();
      this.choose((this.chosen + step + items.length) % items.length);
    } else if (event.key === "Tab" && !event.shiftKey && items.length) {
      event.preventDefault();
      this.take(items[Math.max(this.chosen, 0)]);
    } else if (event.key === "Escape" && items.length) {
      event.preventDefault();
      event.stopPropagation();
      this.offer([]);
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      const item = items[this.chosen];
      if (item && item.insert.trim() !== this.input.value.slice(item.from).trim()) this.take(item);
      else this.submit();
    }
  }

  /** Have words that were not taken where they were written: behind others of these, before what was written since. */
  giveBack(words, wasIn) {
    const there = this.in === wasIn ? this.input.value : (this.drafts.get(wasIn) ?? "");
    const { givenBack } = this;
    const before = givenBack?.in === wasIn && there.startsWith(givenBack.words) ? givenBack.words : "";
    const back = before ? `${before}\n${words}` : words;
    const since = there.slice(before.length);
    const all = before || !since ? back + since : `${back}\n${since}`;
    if (this.in === wasIn) this.set(all);
    else this.drafts.set(wasIn, all);
    this.givenBack = { in: wasIn, words: back };
  }

  /** Send what is written; what is sent while something else is on its way follows that. */
  submit() {
    const words = this.input.value.trim();
    if (!words) return;
    const written = { words, where: this.in, viewer: this.app.viewer, channel: this.place().id };
    this.set("");
    this.sent = this.deliver(written, this.sent);
  }

  async deliver({ words, where, viewer, channel }, before) {
    await before?.catch(reportError);
    try {
      if (words.startsWith("/")) await this.app.acts.act("command", { channel, line: words }, viewer);
      else await this.app.acts.act("message", { channel, text: words }, viewer);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      this.giveBack(words, where);
      this.say(refusal.message);
    }
  }
}

function drawUsage(command) {
  if (!command?.options.length) return [];
  return [
    el("strong", {}, `/${command.name}`),
    ...command.options.map(({ name, required, label }) =>
      el("span", { title: label, class: required ? "needed" : "" }, required ? `${name}*` : name),
    ),
  ];
}
