// Speaks with the playground: see the contract in adapters/playground/routes.py.

import { say } from "./words.js";

const BASE = "api/playground";

/** What the playground would not do, in its own words. */
export class Refusal extends Error {}

async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(`${BASE}/${path}`, options);
  } catch {
    throw new Refusal(say("Trellis doesn't answer. Is it still running?"));
  }
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(body.error ?? say("That didn't work, and Trellis didn't say why."));
  return body;
}

const post = (path, body) =>
  ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export const getState = (viewer) => ask(`state?${new URLSearchParams({ viewer })}`);
export const getEveryone = () => ask("state");
export const getMessages = (channel, viewer) => ask(`messages?${new URLSearchParams({ channel, viewer })}`);
export const getPreview = (message, viewer, as) => ask(`preview?${new URLSearchParams({ message, viewer, as })}`);
export const getSuggestions = (asked) => ask(`suggest?${new URLSearchParams(asked)}`);
export const act = (viewer, what, more) => post("act", { as: viewer, do: what, ...more });
/** Hand over a file that was chosen in a form; returns what stands for it among the answers. */
export const choose = (viewer, file) => ask(`files?${new URLSearchParams({ viewer })}`, { method: "POST", body: file });
export const importSample = () => post("import", {});
export const skip = (viewer, how) => post("clock", { as: viewer, ...how });

/** Listen to what changes for a viewer; comes back by itself when Trellis was away. Returns how to stop. */
export function listen(viewer, { changed, connected, lost }) {
  let source = null;
  let again = null;
  const open = () => {
    source = new EventSource(`${BASE}/stream?${new URLSearchParams({ viewer })}`);
    source.addEventListener("open", connected);
    for (const kind of ["message", "people", "clock"])
      source.addEventListener(kind, (event) => changed(kind, JSON.parse(event.data || "{}")));
    source.addEventListener("error", () => {
      lost();
      if (source.readyState === EventSource.CLOSED) again = setTimeout(open, 2000);
    });
  };
  open();
  return () => {
    clearTimeout(again);
    source.close();
  };
}
