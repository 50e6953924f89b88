// A form as a dialog: what Trellis asks, with what is wrong at each input.

import { byId, el, icon, toast, unseen } from "./dom.js";
import { Refusal, choose } from "./api.js";
import { say } from "./words.js";

/** Show a form, once what is open is closed: somebody may be filling it in.
 *
 *  `send(values)` returns the form once more while something is wrong with the answers. */
export function openForm(form, app, send) {
  const dialog = byId("dialog");
  if (dialog.open) dialog.addEventListener("close", () => openForm(form, app, send), { once: true });
  else {
    dialog.showModal();
    showForm(dialog, form, app, send);
  }
}

function showForm(dialog, form, app, send) {
  drawForm(dialog, form, app, send);
  const wrong = dialog.querySelector('[aria-invalid="true"]');
  (wrong ?? dialog.querySelector("input, textarea, select"))?.focus();
}

/** Show a form once more, with what was changed since it was `sent`; return whether anything was. */
function showAgain(dialog, form, app, send, body, sent) {
  const changed = [...stateOf(body)].filter(([id, state]) => state !== sent.get(id));
  const { id: at, selectionStart, selectionEnd } = document.activeElement;
  showForm(dialog, form, app, send);
  for (const [id, state] of changed) if (byId(id)) byId(id)[stateIn(byId(id))] = state;
  if (changed.some(([id]) => id === at) && byId(at)) {
    byId(at).focus();
    if (selectionEnd) byId(at).setSelectionRange(selectionStart, selectionEnd);
  }
  return changed.length > 0;
}

const stateIn = ({ type }) => (type === "checkbox" || type === "radio" ? "checked" : "value");

const stateOf = (body) =>
  new Map([...body.elements].filter(({ id, type }) => id && type !== "file").map((input) => [input.id, input[stateIn(input)]]));

/** Show words in the dialog, with a way to close it. */
export function openNote(title, ...content) {
  const dialog = byId("dialog");
  const close = el("button", { type: "button", class: "button primary", onclick: () => dialog.close() }, say("Close"));
  dialog.replaceChildren(head(dialog, title), el("div", { class: "note" }, content), el("footer", {}, close));
  dialog.showModal();
  close.focus();
}

function head(dialog, title) {
  const close = el("button", { type: "button", class: "icon-button" }, icon("close"), unseen(say("Close")));
  close.addEventListener("click", () => dialog.close());
  return el("header", {}, el("h2", { id: "dialog-title" }, title), close);
}

function drawForm(dialog, form, app, send) {
  const problem = el("p", { class: "problem", role: "alert" }, form.problem ?? "");
  const submit = el("button", { type: "submit", class: "button primary" }, form.submit ?? say("Send"));
  const cancel = el("button", { type: "button", class: "button", onclick: () => dialog.close() }, say("Cancel"));
  let follows = false; // whether it was sent once more while an answer was under way
  const body = el(
    "form",
    {
      novalidate: true,
      onkeydown: (event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        body.requestSubmit(submit);
      },
      onsubmit: async (event) => {
        event.preventDefault();
        if (submit.ariaBusy === "true") {
          follows = true;
          return;
        }
        submit.ariaBusy = "true";
        const sent = stateOf(body);
        const isShown = () => dialog.open && body.isConnected; // it may be closed, and another one be open
        try {
          const again = await send(await answersOf(body, form, app));
          if (!isShown()) again && openForm(again, app, send);
          else if (!again) dialog.close();
          else if (showAgain(dialog, again, app, send, body, sent) && follows) dialog.querySelector("form").requestSubmit();
        } catch (refusal) {
          if (!(refusal instanceof Refusal)) throw refusal;
          if (isShown()) problem.textContent = refusal.message;
          else toast(refusal.message, { kind: "problem" });
        } finally {
          submit.ariaBusy = "false";
        }
      },
    },
    problem,
    form.fields.map((field) => drawField(field, app)),
    el("footer", {}, cancel, submit),
  );
  dialog.replaceChildren(head(dialog, form.title), body);
}

/** Return what was answered; a file is handed over apart, and one that nobody chose is left out. */
async function answersOf(body, form, app) {
  const chosen = new Map();
  for (const { name, type } of form.fields) {
    const [file] = type === "file" ? body.elements.namedItem(name).files : [];
    if (file) chosen.set(name, (await choose(app.viewer, file)).answer);
  }
  return Object.fromEntries(
    form.fields.filter(({ name, type }) => type !== "file" || chosen.has(name)).map(({ name, type }) => {
      const input = body.elements.namedItem(name);
      if (type === "file") return [name, chosen.get(name)];
      if (type === "members" || type === "roles") {
        return [name, [...body.querySelectorAll(`input[name="${name}"]:checked`)].map(({ value }) => value).join(", ")];
      }
      return [name, type === "boolean" ? String(input.checked) : input.value];
    }),
  );
}

function drawField(field, app) {
  const id = `field-${field.name}`;
  const hint = field.hint || (HINTS[field.type] && say(HINTS[field.type]));
  const described = [hint && `${id}-hint`, field.error && `${id}-error`].filter(Boolean).join(" ");
  const shared = {
    id,
    name: field.name,
    "aria-describedby": described || null,
    "aria-invalid": field.error ? "true" : null,
    "aria-required": field.required ? "true" : null,
  };
  const isOptional = !field.required && field.type !== "boolean";
  const named = [field.label, isOptional && el("span", {}, say("optional"))];
  const label = el("label", { for: id }, named);
  const below = [
    hint && el("p", { class: "hint", id: `${id}-hint` }, hint),
    field.error && el("p", { class: "problem", id: `${id}-error` }, field.error),
  ];
  if (field.type === "boolean") {
    const ticked = /^(true|yes|y|1|on)$/i.test(field.value);
    const box = el("input", { ...shared, type: "checkbox", checked: ticked });
    return el("div", { class: "field yes-no" }, box, label, below);
  }
  if (hasRadios(field)) {
    return el("fieldset", { class: "field radios" }, el("legend", {}, named), drawRadios(field, shared), below);
  }
  if (field.type === "members" || field.type === "roles") {
    const boxes = field.type === "roles" ? drawRoles(field, shared, app) : drawPeople(field, shared, app);
    return el("fieldset", { class: "field radios" }, el("legend", {}, named), boxes, below);
  }
  return el("div", { class: "field" }, label, drawInput(field, shared, app), below);
}

const RADIOS = 5; // Up to so many options are all in view.

const chosenOf = ({ options, value }) => options.find((option) => same(option.value, value) || same(option.label, value));

const hasRadios = (field) =>
  field.type === "choice" && field.options.length > 1 && field.options.length <= RADIOS && (!field.value || Boolean(chosenOf(field)));

/** Draw the options of a choice one below the other; one that may be left out has an option for that. */
function drawRadios(field, { id, ...shared }) {
  const none = field.required ? [] : [{ value: "", label: "–" }];
  const chosen = chosenOf(field)?.value ?? (field.required ? null : "");
  return [...none, ...field.options].map(({ value, label }, number) =>
    el(
      "label",
      {},
      el("input", { ...shared, id: number ? `${id}-${number}` : id, type: "radio", value, checked: value === chosen }),
      label,
    ),
  );
}

const namesIn = (typed) => typed.split(/[,;\n]|\s(?=@)/).map((name) => name.trim().replace(/^@/, "")).filter(Boolean);

/** Draw everyone with a box to tick. */
function drawPeople(field, shared, app) {
  const chosen = namesIn(field.value).map((name) => name.split("/").pop());
  const isChosen = ({ id, name }) => chosen.some((one) => same(one, id) || same(one, name));
  return drawBoxes([...app.people.values()].map((person) => ({ ...person, ticked: isChosen(person) })), shared);
}

/** Draw the roles with a box each; what was typed otherwise stays, to be seen and to be put right. */
function drawRoles(field, shared, app) {
  const chosen = namesIn(field.value);
  const strange = chosen.filter((name) => !app.state.roles.some((role) => same(role, name)));
  const isChosen = (role) => chosen.some((name) => same(name, role));
  return drawBoxes([...app.state.roles, ...strange].map((role) => ({ id: role, name: role, ticked: isChosen(role) })), shared);
}

function drawBoxes(offered, { id, ...shared }) {
  return offered.map(({ id: value, name, ticked }, number) =>
    el(
      "label",
      {},
      el("input", { ...shared, id: number ? `${id}-${number}` : id, type: "checkbox", value, checked: ticked }),
      name,
    ),
  );
}

const HINTS = {
  moment: "In words or figures: tomorrow 18:00, in 2 days, 2026-12-24 18:00",
  duration: "In words: 90 minutes, 2 hours, 3 days",
};

function drawInput(field, shared, app) {
  switch (field.type) {
    case "choice":
      return drawSelect(field, shared, field.options, field.value);
    case "member": {
      const options = [...app.people.values()].map(({ id, name }) => ({ value: id, label: name }));
      return drawSelect(field, shared, options, field.value.replace(/^@/, "").split("/").pop());
    }
    case "channel": {
      const options = app.places
        .filter(({ kind }) => kind === "channel")
        .map(({ id, name }) => ({ value: id, label: `#${name}` }));
      return drawSelect(field, shared, options, field.value.replace(/^#/, "").split("/").pop());
    }
  }
  if (field.type === "file") return el("input", { ...shared, type: "file", accept: "image/png,image/jpeg,image/gif" });
  const limits = { ...shared, maxlength: String(field.longest), autocomplete: "off" };
  const input =
    field.lines > 1
      ? el("textarea", { ...limits, rows: String(Math.min(field.lines, 8)) })
      : el("input", { ...limits, type: "text", inputmode: field.type === "integer" ? "numeric" : null });
  input.value = field.value;
  if (!field.options.length) return input;
  // A text's options are suggestions: anything else may be written as well.
  const options = field.options.map(({ label, value }) => el("option", { value }, label));
  const offers = el("datalist", { id: `${shared.id}-offers` }, options);
  input.setAttribute("list", offers.id);
  return el("div", {}, input, offers);
}

const same = (one, other) => one.toLowerCase() === other.toLowerCase();

/** Draw a choice; an answer that is none of the options stays there to be seen, and to be put right. */
function drawSelect(field, shared, options, typed) {
  const chosen = options.find(({ value, label }) => same(value, typed) || same(label, typed))?.value;
  const strange = field.value && chosen === undefined ? [{ value: field.value, label: field.value }] : [];
  const select = el(
    "select",
    shared,
    el("option", { value: "" }, field.required ? say("Choose …") : "–"),
    [...strange, ...options].map(({ value, label }) => el("option", { value }, label)),
  );
  select.value = chosen ?? field.value;
  return select;
}
