// People come and go, and so does what a community knew before.

import * as api from "./api.js";
import { toast } from "./dom.js";
import { openForm } from "./form.js";
import { say } from "./words.js";

/** Ask who joins, and act as them from then on. */
export function bringIn(app) {
  const field = { type: "text", required: false, lines: 1, longest: 80, value: "", error: "", options: [] };
  const form = {
    title: say("Someone new joins"),
    submit: say("Join"),
    fields: [
      { ...field, name: "name", label: say("What are they called?"), required: true, hint: say("You act as them from then on.") },
      { ...field, name: "source", label: say("What led them here?"), hint: say("The code of an invitation, such as docs.") },
      { ...field, name: "domain", label: say("Where is their e-mail address?"), hint: say("What stands behind the @: example.org.") },
    ],
  };
  openForm(form, app, async ({ name, source, domain }) => {
    const letters = name.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
    const plain = letters.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 28);
    const id = plain && !app.people.has(plain) ? plain : `${plain || "guest"}-${app.people.size + 1}`;
    await api.act(id, "join", { name, source, domain });
    await app.actAs(id);
    return null;
  });
}

/** Have the one you act as leave, and act as somebody who is still here. */
export function letGo(app) {
  return app.acts.tryTo(async () => {
    const { name } = app.me;
    await api.act(app.viewer, "leave", {});
    const { members } = await api.getEveryone();
    if (members.length) await app.actAs(members[0].id);
    toast(say("{name} has left. Everything they wrote is still here.", { name }));
  });
}

/** Bring in the history of a sample community. */
export function importSample(app) {
  return app.acts.tryTo(async () => {
    const { questions, solved } = await api.importSample();
    const before = say("The sample community was imported before. Try /search tomato.");
    const brought = say(
      "{questions} questions of a gardening club are known now, {solved} of them solved. Try /search tomato.",
      { questions, solved },
    );
    toast(questions ? brought : before);
  });
}
