"""What the buttons, forms and jobs of this room call."""

from __future__ import annotations

from datetime import datetime

from adapters.contract.call import Call, call

STAMP = "%Y%m%dT%H%M"
"""How a moment is packed: in UTC, to the minute."""


def read_stamp(packed: str) -> datetime:
    """Read a packed moment. Raises `ValueError` for anything else."""
    return datetime.strptime(f"{packed}+0000", f"{STAMP}%z")


# A draft


def post(draft_id: int) -> Call:
    return call("plan.post", draft_id)


def posted(event_id: int) -> Call:
    """Draw what the author is told once the event stands."""
    return call("plan.posted", event_id)


def edit_draft(draft_id: int) -> Call:
    return call("plan.edit_draft", draft_id)


def redraft(draft_id: int) -> Call:
    return call("plan.redraft", draft_id)


def more_draft(draft_id: int) -> Call:
    return call("plan.more_draft", draft_id)


def add_to_draft(draft_id: int) -> Call:
    return call("plan.add_to_draft", draft_id)


def drop(draft_id: int) -> Call:
    return call("plan.drop", draft_id)


# What its guests do


def show(event_id: int) -> Call:
    return call("attend.show", event_id)


def answer(event_id: int, choice: str) -> Call:
    """Say "going", "maybe" or "no"."""
    return call("attend.answer", event_id, choice)


def here(event_id: int) -> Call:
    """Say that one is there."""
    return call("attend.here", event_id)


def rate(event_id: int, worth: int) -> Call:
    return call("attend.rate", event_id, worth)


def count_attendance(event_id: int, after: int) -> Call:
    """Tell the other rooms who came, from the member behind `after` on."""
    return call("attend.count_attendance", event_id, after)


def add_to_calendar(event_id: int) -> Call:
    return call("calendar.add", event_id)


def my_calendar() -> Call:
    return call("calendar.mine")


def new_address() -> Call:
    return call("calendar.renew")


def reminders() -> Call:
    """Show when one is reminded."""
    return call("remind.show")


def choose_reminders() -> Call:
    return call("remind.choose")


def no_reminders() -> Call:
    return call("remind.choose_none")


def default_reminders() -> Call:
    return call("remind.choose_default")


# What its host does


def tools(event_id: int) -> Call:
    return call("host.tools", event_id)


def write(event_id: int) -> Call:
    """Ask what the host wants to tell everyone."""
    return call("host.write", event_id)


def send(event_id: int) -> Call:
    return call("host.send", event_id)


def export(event_id: int) -> Call:
    """Give the host the list as a table."""
    return call("host.export_list", event_id)


def check_in_page(event_id: int, page: int = 0) -> Call:
    """Show who is there and who is not yet."""
    return call("check_in.open", event_id, page)


def turn_page(event_id: int, page: int) -> Call:
    return call("check_in.turn_page", event_id, page)


def check_in(event_id: int, page: int) -> Call:
    return call("check_in.check_in", event_id, page)


def undo_check_in(event_id: int, page: int) -> Call:
    return call("check_in.undo", event_id, page)


def edit(event_id: int) -> Call:
    return call("change.edit_event", event_id)


def change(event_id: int) -> Call:
    return call("change.change", event_id)


def move(event_id: int, to: datetime, since: datetime) -> Call:
    return call("change.move", event_id, f"{to:{STAMP}}", f"{since:{STAMP}}")


def more(event_id: int) -> Call:
    """Ask for whom it is."""
    return call("change.more", event_id)


def change_terms(event_id: int) -> Call:
    return call("change.change_terms", event_id)


def follow(event_id: int) -> Call:
    """Have all that follow be like this one."""
    return call("change.follow", event_id)


def call_off_for(event_id: int, following: bool) -> Call:
    """Call off what somebody else hosts, with a reason."""
    return call("cancel.call_off_for", event_id, following)


def ask_cancel(event_id: int) -> Call:
    return call("cancel.ask", event_id)


def call_off(event_id: int, following: bool) -> Call:
    return call("cancel.call_off", event_id, following)


def take_over(event_id: int) -> Call:
    """Host an event in place of somebody who has left."""
    return call("leave.take_over", event_id)


def without_host(event_id: int) -> Call:
    """Call an event off that nobody hosts any more."""
    return call("leave.without_host", event_id)
