// What the viewer does, and showing what came of it.

import * as api from "./api.js";
import { byId, toast } from "./dom.js";
import { openForm } from "./form.js";
import { placeName } from "./people.js";
import { openPreview } from "./preview.js";
import { say } from "./words.js";

const WHERE = { thread: "a thread", direct: "your messages from Trellis" };

/** Does what the viewer asks for; a refusal is said, where nothing better can be done about it. */
export class Acts {
  constructor(app) {
    this.app = app;
  }

  /** Do something, and show what came of it. Raises `Refusal`. */
  async act(what, more, viewer = this.app.viewer) {
    const result = await api.act(viewer, what, more);
    await this.show({ mine: what === "message" || what === "command" });
    this.reveal(result);
    if (result.form) this.ask(result.form, viewer);
    this.pointTo(result);
    return result;
  }

  /** Draw what is there by now. Where that cannot be, it is done all the same, and drawn a little later. */
  async show(how) {
    try {
      await this.app.refresh(how);
    } catch (refusal) {
      if (!(refusal instanceof api.Refusal)) throw refusal;
      this.app.soon();
    }
  }

  /** The same where nothing better can be done about a refusal than to say it. */
  try(what, more) {
    return this.tryTo(() => this.act(what, more));
  }

  async tryTo(act) {
    try {
      return await act();
    } catch (refusal) {
      if (!(refusal instanceof api.Refusal)) throw refusal;
      toast(refusal.message, { kind: "problem" });
      return null;
    }
  }

  /** Have a form filled in by whom it is for, also where one acts as somebody else by then. */
  ask(form, viewer) {
    openForm(form, this.app, async (values) => {
      const result = await api.act(viewer, "submit", { form: form.id, values });
      await this.show({ mine: !result.form });
      this.reveal(result);
      this.pointTo(result);
      const done = () => this.focusAnswer(result);
      if (!result.form) byId("dialog").addEventListener("close", done, { once: true });
      return result.form;
    });
  }

  /** Bring the newest private answer into view: it is for the viewer alone, and often the whole point. */
  reveal({ replies }) {
    const reply = replies.at(-1);
    if (reply) (reply.channel === this.app.thread ? this.app.beside : this.app.talk).reveal(reply.id);
  }

  /** Go on with the keyboard where a form's answer asks for one more thing, such as to post what one sees. */
  focusAnswer({ replies }) {
    const reply = replies.at(-1);
    const article = reply && (this.app.talk.article(reply.id) ?? this.app.beside.article(reply.id));
    article?.querySelector(".button.primary")?.focus({ preventScroll: true });
  }

  /** Say where to look, if what came of something stands elsewhere. */
  pointTo({ posted }) {
    const isElsewhere = (id) => !this.app.isShown(id) && this.app.place(id)?.parent !== this.app.current;
    const elsewhere = posted.find(({ author, channel }) => author === "trellis" && isElsewhere(channel));
    const place = elsewhere && this.app.place(elsewhere.channel);
    if (!place) return;
    toast(say("Trellis wrote in {place}.", { place: WHERE[place.kind] ? say(WHERE[place.kind]) : placeName(place) }), {
      action: say("Show it"),
      act: () => this.app.goTo(place.id, elsewhere.id),
    });
  }

  async press(button, message, control, values) {
    if (button.ariaBusy === "true") return;
    button.ariaBusy = "true";
    await this.try("press", { message: message.id, control: control.id, values });
    button.ariaBusy = "false";
  }

  react(message, emoji, on) {
    return this.try(on ? "react" : "unreact", { message: message.id, emoji });
  }

  pick(message, name) {
    return this.try("shortcut", { message: message.id, name });
  }

  pickAuthor(message, name) {
    return this.try("shortcut", { member: message.author, channel: message.channel, name });
  }

  /** Ask for other words in the place of what one wrote. */
  edit(message) {
    const field = { name: "text", label: say("Message"), type: "text", required: true, lines: 4, longest: 4000, options: [] };
    const form = { title: say("Edit your message"), submit: say("Save"), fields: [{ ...field, value: message.text }] };
    openForm(form, this.app, async ({ text }) => {
      await this.act("edit", { message: message.id, text });
    });
  }

  remove(message) {
    return this.try("delete", { message: message.id });
  }

  /** Open the personal page of whom one acts as. */
  async openMe() {
    this.app.side.close();
    await this.try("command", { channel: this.app.current, name: "me" });
    this.app.talk.focusLast();
  }

  seeAs(platform, message) {
    return this.tryTo(() => openPreview(message, platform, this.app));
  }

  async copyLink(message) {
    const link = `${location.origin}${location.pathname}#/${message.channel}/${message.id}`;
    try {
      await navigator.clipboard.writeText(link);
      toast(say("The link is copied."));
    } catch {
      toast(link);
    }
  }
}
