// Letting time pass, and telling what happened on the way.

import * as api from "./api.js";
import { announce, toast } from "./dom.js";
import { drawMeanwhile } from "./meanwhile.js";
import { shortDay, timeOfDay } from "./people.js";
import { say } from "./words.js";

const QUIET_SKIPS = 40;

/** Moves the clock for the viewer, one skip at a time. */
export class Skipping {
  constructor(app) {
    this.app = app;
    this.busy = false;
  }

  async skip(how) {
    this.busy = true;
    this.app.clock.busy(true);
    for (const each of [this.app.talk, this.app.beside]) each.markNew(true);
    try {
      const posted = [];
      let happened = 0;
      // Much of what Trellis does shows nowhere: we go on until something can be seen.
      for (let more = how.to ? QUIET_SKIPS : 0; more >= 0 && !happened; more--) {
        const step = await api.skip(this.app.viewer, how);
        happened += step.happened;
        posted.push(...step.posted);
      }
      await this.app.refresh();
      this.tell(posted, happened);
    } catch (refusal) {
      if (!(refusal instanceof api.Refusal)) throw refusal;
      toast(refusal.message, { kind: "problem" });
    } finally {
      this.busy = false;
      this.app.clock.busy(false);
      for (const each of [this.app.talk, this.app.beside]) each.markNew(false);
      await this.app.markRead();
    }
  }

  tell(posted, happened) {
    const now = this.app.now();
    const when = say("It's {when}.", { when: `${shortDay(now, this.app.zone)}, ${timeOfDay(now, this.app.zone)}` });
    const { meanwhile } = this.app.talk;
    meanwhile.replaceChildren();
    if (posted.length) {
      meanwhile.append(drawMeanwhile(when, posted, this.app));
      announce(`${when} ${say("{number} new", { number: posted.length })}`);
    } else if (happened) {
      const words = "Trellis wrote something that {name} can't see: look as someone else.";
      toast(`${when} ${say(words, { name: this.app.me.name })}`);
    } else toast(`${when} ${say("Nothing happened.")}`);
  }
}
