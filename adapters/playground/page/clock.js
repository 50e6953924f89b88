// The clock: what time it is for whom one acts as, and how to let time pass.

import { byId } from "./dom.js";
import { city, shortDay, timeOfDay, wholeMoment } from "./people.js";
import { say } from "./words.js";

export class Clock {
  /** `skip(how)` lets time pass. */
  constructor(skip) {
    this.shift = 0;
    this.bar = document.querySelector(".clock");
    this.opener = byId("open-skips");
    this.buttons = [...byId("skips").querySelectorAll("button")];
    for (const button of this.buttons)
      button.addEventListener("click", () => {
        const { advance, to } = button.dataset;
        this.toggle(false);
        skip(to ? { to } : { advance: Number(advance) });
      });
    this.opener.addEventListener("click", () => this.toggle(!this.bar.classList.contains("open")));
    this.bar.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.bar.classList.contains("open")) return;
      this.toggle(false);
      this.opener.focus();
    });
  }

  toggle(open) {
    this.bar.classList.toggle("open", open);
    this.opener.setAttribute("aria-expanded", String(open));
  }

  /** Keep step with Trellis, which says it is `now`. */
  set(now) {
    this.shift = new Date(now) - Date.now();
  }

  now() {
    return new Date(Date.now() + this.shift);
  }

  busy(is) {
    this.bar.setAttribute("aria-busy", String(is));
    for (const button of this.buttons) button.disabled = is;
  }

  draw(person, communityZone) {
    const now = this.now();
    const time = byId("clock-time");
    time.textContent = `${shortDay(now, person.timezone)}, ${timeOfDay(now, person.timezone)}`;
    time.title = wholeMoment(now, person.timezone);
    const zone = say("for {name} in {city}", { name: person.name, city: city(person.timezone) });
    const elsewhere = timeOfDay(now, communityZone) !== timeOfDay(now, person.timezone);
    byId("clock-zone").textContent = zone;
    byId("clock-community").textContent = elsewhere
      ? say("· {time} for the community", { time: timeOfDay(now, communityZone) })
      : "";
  }
}
