// What was posted where while time was skipped: a short list, in which each line leads to its message.

import { el, icon, unseen } from "./dom.js";
import { placeName } from "./people.js";
import { say } from "./words.js";

const SHOWN = 5;

/** Draw the list of what was `posted`, the newest last, with the moment it is `when` it ends. */
export function drawMeanwhile(when, posted, app) {
  const section = el("section", { class: "meanwhile", "aria-label": say("While you skipped") });
  const close = el("button", { type: "button", class: "icon-button" }, icon("close"), unseen(say("Close the list")));
  close.addEventListener("click", () => {
    section.remove();
    app.focusComposer();
  });
  const drawLine = ({ id, channel, words }) => {
    const place = app.place(channel);
    const where = place ? placeName(place.kind === "thread" ? app.place(place.parent) ?? place : place) : "";
    return el("li", {}, el("a", { href: `#/${channel}/${id}`, dir: "auto" }, el("strong", {}, where), " ", words));
  };
  const lines = posted.map(drawLine);
  const rest = lines.splice(SHOWN);
  section.append(el("h2", {}, say("While you skipped")), el("p", {}, when), close, el("ul", {}, lines));
  if (rest.length) section.append(el("details", {}, el("summary", {}, say("{number} more", { number: rest.length })), el("ul", {}, rest)));
  return section;
}
