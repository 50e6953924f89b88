// Where one writes: messages, and commands with their completion.

import { el, icon, unseen } from "./dom.js";
import { Refusal } from "./api.js";

export class Composer {
  constructor(name, desk, place) {
    this.desk = desk;
    this.place = place;
    this.drafts = new Map();
    this.items = [];
    this.chosen = -1;
    this.input = el("textarea", {
      id: `${name}-input`,
      rows: "1",
      maxlength: "4000",
      autocomplete: "off",
      "aria-controls": `${name}-offers`,
      "aria-autocomplete": "list",
      "aria-describedby": `${name}-problem ${name}-usage`,
    });
    this.offers = el("ul", { class: "offers", id: `${name}-offers`, role: "listbox", "aria-label": "Suggestions" });
    this.usage = el("p", { class: "usage", id: `${name}-usage` });
    this.problem = el("p", { class: "problem", id: `${name}-problem`, role: "alert" });
    this.send = el("button", { type: "submit", class: "icon-button send" }, icon("send"), unseen("Send"));
    this.box = el("div", { class: "composer-box" }, this.input, this.send);
    this.root = el("form", { class: "composer" }, this.offers, this.usage, this.problem, this.box);
    this.root.addEventListener("submit", (event) => (event.preventDefault(), this.submit()));
    this.input.addEventListener("input", () => this.onInput());
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.offer([]), 150));
  }

  /** Write in another place from now on; what was begun elsewhere waits there. */
  enter(place, title) {
    if (this.in) this.drafts.set(this.in, this.input.value);
    this.in = `${this.desk.viewer}/${place.id}`;
    this.set(this.drafts.get(this.in) ?? "");
    const here = place.kind === "thread" ? "Reply" : "Write";
    this.input.setAttribute("aria-label", `${here} in ${title}, or type / for commands`);
    this.input.placeholder = `${here}, or type / for commands`;
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
    const found = items ? { items } : suggestions(typed, this.desk);
    this.usage.replaceChildren(...drawUsage(found.command));
    this.offer(found.items, found.eager);
  }

  offer(items, eager = false) {
    this.items = items;
    this.offers.replaceChildren(
      ...items.map((item, at) =>
        el(
          "li",
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
        ),
      ),
    );
    this.choose(eager && items.length ? 0 : -1);
  }

  choose(at) {
    this.offers.children[this.chosen]?.setAttribute("aria-selected", "false");
    this.chosen = at;
    const option = this.offers.children[at];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
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
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      const item = items[this.chosen];
      if (item && item.insert.trim() !== this.input.value.slice(item.from).trim()) this.take(item);
      else this.submit();
    }
  }

  async submit() {
    const words = this.input.value.trim();
    if (!words || this.root.ariaBusy === "true") return;
    const { in: wasIn } = this;
    const channel = this.place().id;
    this.offer([]);
    this.root.ariaBusy = "true";
    try {
      if (words.startsWith("/")) await this.desk.act("command", { channel, line: words });
      else await this.desk.act("message", { channel, text: words });
      if (this.in === wasIn && this.input.value.trim() === words) this.set("");
      else this.drafts.delete(wasIn);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      this.say(refusal.message);
    } finally {
      this.root.ariaBusy = "false";
    }
  }
}

/** Return what could follow the typed words: commands, their options, what these can be, or people. */
function suggestions(typed, { commands, people }) {
  const last = typed.match(/\S*$/)[0];
  const from = typed.length - last.length;
  const members = (word) =>
    [...people.values()]
      .filter(({ id, name }) => id.startsWith(word) || name.toLowerCase().startsWith(word))
      .map(({ id, name }) => ({ from: from + last.lastIndexOf("@"), insert: `@${id} `, label: name, hint: `@${id}` }));
  if (!typed.startsWith("/")) {
    const items = /^@[\w-]*$/.test(last) ? members(last.slice(1).toLowerCase()) : [];
    return { items, eager: true };
  }
  const line = typed.slice(1).toLowerCase();
  const command = commands.find(({ name }) => line.startsWith(`${name} `));
  if (!command) return { items: findCommands(line, commands), eager: true };
  const named = last.match(/^(\w+)[:=](.*)$/);
  const option = named && command.options.find(({ name }) => name === named[1]);
  if (option) {
    const start = from + named[1].length + 1;
    return { command, items: answers(option, named[2].toLowerCase(), start, members), eager: named[2] !== "" };
  }
  if (last.startsWith("@")) return { command, items: members(last.slice(1).toLowerCase()), eager: true };
  const used = new Set([...typed.matchAll(/(?:^|\s)(\w+)[:=]/g)].map((match) => match[1]));
  const items = command.options
    .filter(({ name }) => last && name.startsWith(last.toLowerCase()) && !used.has(name))
    .map(({ name, label }) => ({ from, insert: `${name}:`, label: `${name}:`, hint: label }));
  return { command, items };
}

function findCommands(line, commands) {
  const within = (name) => name.split(" ").some((word) => word.startsWith(line));
  const rank = ({ name }) => (name.startsWith(line) ? 0 : within(name) ? 1 : 2);
  return commands
    .filter((command) => rank(command) < 2)
    .sort((a, b) => rank(a) - rank(b))
    .map(({ name, description, options }) => ({
      from: 0,
      insert: `/${name} `,
      label: `/${name}`,
      options: options.map((option) => option.name + (option.required ? "*" : "")).join(" "),
      hint: description,
    }));
}

const YES_NO = [
  { label: "yes", value: "true" },
  { label: "no", value: "false" },
];

function answers(option, word, from, members) {
  if (option.type === "member") return members(word.replace(/^@/, "")).map((item) => ({ ...item, from }));
  const choices = option.type === "boolean" ? YES_NO : option.choices;
  return choices
    .filter(({ label, value }) => label.toLowerCase().startsWith(word) || value.toLowerCase().startsWith(word))
    .map(({ label, value }) => ({ from, insert: `${value} `, label, hint: option.label }));
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
