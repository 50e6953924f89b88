"""What the dashboard itself says."""

from __future__ import annotations

from datetime import datetime

from adapters.contract.text import Text, Time, say
from adapters.contract.ui import Card, LinkButton, Tone

SIGN_IN = say("Sign in")
ENTER = say("This is where moderators and admins see what waits, and how I'm set up.")
SIGN_OUT = say("Sign out")
SKIP = say("Skip to the content")
PAGES = say("Pages")
SEARCH = say("Search")
OLDER = say("Older")
SAVE_FILE = say("Save as a table (CSV)")
FIND = say("Find on this page")
YES = say("Yes, do it")
NO = say("No, go back")
SURE = say("Are you sure?")
SIGNED_OUT_TITLE = say("You aren't signed in")
SIGNED_OUT = say("“/dashboard”, typed where I am, gives you a link to this page. It works once, for ten minutes.")
USED_UP = say("This link was used or is too old: each works once, for ten minutes. “/dashboard” gives you a new one.")
LEFT_TITLE = say("You're signed out")
NOT_FOUND_TITLE = say("There's no such page")
NOT_FOUND = say("It may have moved. The overview leads to all there are.")
REFUSED_TITLE = say("That wasn't done")
FORGED = say("This didn't come from the page itself, or you signed in again meanwhile. Open the page and try again.")
WRONG_HOST = say("I don't answer under this name. Use the address that “/dashboard” gives you.")
FAILED = say("Something went wrong, and nothing was changed. The person who runs me finds it in the log.")
TO_OVERVIEW = say("Go to the overview")


def signed_in_words(name: str) -> Text:
    """Say who somebody is here."""
    return say("Signed in as {name}", name=name)


def link_card(url: str, until: datetime, *, local: bool) -> Card:
    """Hand over the link."""
    here = say("It opens on the computer that I run on, and nowhere else.") if local else ""
    return Card(
        say("Dashboard"),
        say("Your link works once, until {until}. Don't pass it on: it signs in as you.", until=Time(until)),
        footer=here,
        tone=Tone.WAITING,
        buttons=(LinkButton("Open the dashboard", url),),
    )


def lost_card() -> Card:
    """Say that a link, which is kept nowhere, cannot be shown any more."""
    return Card(body=say("Your link got lost on its way to you. “/dashboard” gives you a new one."), tone=Tone.WAITING)
