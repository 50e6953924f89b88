// A dialog that shows a card as another platform would, drawn from what that platform would be sent.

import { getPreview } from "./api.js";
import { drawDiscord } from "./as-discord.js";
import { drawSlack } from "./as-slack.js";
import { byId, el } from "./dom.js";
import { openNote } from "./form.js";
import { say } from "./words.js";

/** What each platform is called, and what draws it. Discord is dark for whoever has not chosen otherwise. */
const PLATFORMS = {
  discord: { name: "Discord", draw: drawDiscord, scheme: () => "dark" },
  slack: { name: "Slack", draw: drawSlack, scheme: (app) => (app.isDark ? "dark" : "light") },
};

const titled = (platform) => say("As {platform} shows it", { platform: PLATFORMS[platform].name });

const chosenSchemes = {};

/** Return those platforms as which cards can be seen: their ids and names. */
export const platforms = (app) =>
  app.previews.filter((id) => id in PLATFORMS).map((id) => ({ id, name: PLATFORMS[id].name }));

/** Show the card of a message as a platform shows it. Raises `Refusal`. */
export async function openPreview(message, platform, app) {
  const pane = el("div", { class: "preview" });
  const show = async (as) => {
    const { payload, known } = await getPreview(message.id, app.viewer, as);
    draw(pane, { as, payload, known }, message, app, show);
  };
  await show(platform);
  if (byId("dialog").open) return; // something else was opened meanwhile
  openNote(titled(platform), pane);
  pane.querySelector("input:checked").focus();
  byId("dialog").scrollTop = 0;
  const closed = () => {
    pane.replaceChildren();
    app.focusMessage(message.id);
  };
  byId("dialog").addEventListener("close", closed, { once: true });
}

function draw(pane, { as, payload, known }, message, app, show) {
  const { draw: drawn, scheme } = PLATFORMS[as];
  const seen = chosenSchemes[as] ?? scheme(app);
  const view = {
    known,
    viewer: app.viewer,
    zone: app.zone,
    now: app.now(),
    at: new Date(message.at),
    isPrivate: message.private,
    picture: message.card.image,
    files: message.card.files,
  };
  const stage = el("div", { class: "stage", "data-scheme": seen }, drawn(payload, view));
  const choices = el(
    "div",
    { class: "preview-choices" },
    segments(say("Platform"), "platform", platforms(app).map(({ id, name }) => [id, name]), as, (id) =>
      app.acts.tryTo(async () => {
        await show(id);
        byId("dialog-title").textContent = titled(id);
        pane.querySelector(`input[value="${id}"]`).focus();
      }),
    ),
    segments(say("Colours"), "scheme", [["light", say("Light")], ["dark", say("Dark")]], seen, (chosen) => {
      chosenSchemes[as] = chosen;
      stage.dataset.scheme = chosen;
    }),
  );
  const json = el("pre", { tabindex: "0", "aria-label": "JSON" }, el("code", {}, JSON.stringify(payload, null, 2)));
  const isOpen = pane.querySelector("details")?.open ?? false;
  pane.replaceChildren(choices, stage, el("details", { open: isOpen }, el("summary", {}, say("Show the JSON")), json));
}

/** Draw a choice of one out of a few, side by side. */
function segments(label, name, options, chosen, choose) {
  return el(
    "fieldset",
    { class: "segments" },
    el("legend", { class: "unseen" }, label),
    options.map(([value, words]) =>
      el(
        "label",
        {},
        el("input", { type: "radio", name, value, checked: value === chosen, onchange: () => choose(value) }),
        el("span", {}, words),
      ),
    ),
  );
}
