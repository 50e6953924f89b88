// What could be meant by what someone is typing: commands, their options, what these can be, or people. Pure.

import { say } from "./words.js";

/** Return what could follow the typed words: commands, their options, what these can be, or people. */
export function suggestions(typed, { commands, people }) {
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
    if (option.suggested) return { command, items: [], asks: { command, option, typed: named[2], from: start } };
    return { command, items: answers(option, named[2].toLowerCase(), start, members), eager: named[2] !== "" };
  }
  if (last.startsWith("@")) return { command, items: members(last.slice(1).toLowerCase()), eager: true };
  const used = new Set([...typed.matchAll(/(?:^|\s)(\w+)[:=]/g)].map((match) => match[1]));
  const items = command.options
    .filter(({ name }) => last && name.startsWith(last.toLowerCase()) && !used.has(name))
    .map(({ name, label }) => ({ from, insert: `${name}:`, label: `${name}:`, hint: label }));
  const [first] = command.options;
  const start = command.name.length + 2;
  const isFirst = first?.suggested && !used.size;
  return { command, items, asks: isFirst ? { command, option: first, typed: typed.slice(start), from: start } : null };
}

/** Return what Trellis says that an option may be, to be taken like all that is suggested. */
export function suggested({ option, from }, options) {
  return options.map(({ label, value }) => ({
    from,
    insert: `${value} `,
    label,
    hint: option.label,
  }));
}

const EVERYDAY = "Everyday";

/** Return the commands that fit, those of one first word together; by what they do, where no name fits. */
function findCommands(line, commands) {
  const families = new Map();
  for (const { name } of commands) families.set(family(name), (families.get(family(name)) ?? 0) + 1);
  const groupOf = ({ name }) => (families.get(family(name)) > 1 ? capital(family(name)) : EVERYDAY);
  const named = commands.filter(({ name }) => begins(name, line));
  const fitting = named.length ? named : line.length > 2 ? commands.filter(({ description }) => begins(description, line)) : [];
  const rank = ({ name }) => (name.startsWith(line) ? 0 : 1);
  const groups = new Map();
  for (const command of fitting.sort((a, b) => rank(a) - rank(b))) {
    const group = groupOf(command);
    groups.set(group, [...(groups.get(group) ?? []), command]);
  }
  const inOrder = [...groups].sort(([a], [b]) => (b === EVERYDAY) - (a === EVERYDAY));
  return (line ? [...groups] : inOrder).flatMap(([group, members]) =>
    members.map(({ name, description, options }) => ({
      group: group === EVERYDAY ? say(group) : group,
      from: 0,
      insert: `/${name} `,
      label: `/${name}`,
      options: options.map((option) => option.name + (option.required ? "*" : "")).join(" "),
      hint: description,
    })),
  );
}

const family = (name) => name.split(" ")[0];
const capital = (word) => word[0].toUpperCase() + word.slice(1);

/** Say whether a text, or a word in it, begins with what was typed. */
function begins(text, typed) {
  const lower = text.toLowerCase();
  return lower.startsWith(typed) || lower.split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(typed));
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
