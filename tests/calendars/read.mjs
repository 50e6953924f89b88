// Reads a calendar file as two widely used programs do, and prints when each event begins and ends, in milliseconds.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
import ical from "node-ical";

const file = readFileSync(process.argv[2], "utf8");

function withIcalJs() {
  const calendar = new ICAL.Component(ICAL.parse(file));
  for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
  const times = {};
  for (const entry of calendar.getAllSubcomponents("vevent")) {
    const event = new ICAL.Event(entry);
    times[event.uid] = [event.startDate.toJSDate().getTime(), event.endDate.toJSDate().getTime()];
  }
  return times;
}

function withNodeIcal() {
  const times = {};
  for (const event of Object.values(ical.sync.parseICS(file)))
    if (event.type === "VEVENT") times[event.uid] = [event.start.getTime(), event.end.getTime()];
  return times;
}

process.stdout.write(JSON.stringify({ "ical.js": withIcalJs(), "node-ical": withNodeIcal() }));
