"""What members see of a question: every word of this room, and every card. Cards know no cog: calls are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.contract.call import Call
from adapters.contract.models import Account
from adapters.contract.text import (
    Link,
    Strong,
    Text,
    Time,
    TimeStyle,
    Words,
    clip,
    join,
    listing,
    say,
    text,
    written,
)
from adapters.contract.ui import AnyButton, Button, Card, CardField, LinkButton, Menu, Option, Style, Tone
from bot.chat import mention
from storage.knowledge import Article
from storage.members import Member
from storage.questions import Audience, Question, Reply, State

SOMEONE = "Someone"
"""What an anonymous asker is called."""

_STATES = {
    State.OPEN: "🌱 Open",
    State.CLAIMED: "🙋 Claimed",
    State.ANSWERED: "💬 Answered",
    State.SOLVED: "✅ Solved",
    State.CLOSED: "🍂 Closed",
    State.DRAFT: "Draft",
    State.DEFLECTED: "✅ Solved",
    State.DROPPED: "Taken back",
}
_TONES = {
    State.OPEN: Tone.WAITING,
    State.CLAIMED: Tone.ACTIVE,
    State.ANSWERED: Tone.ACTIVE,
    State.SOLVED: Tone.DONE,
    State.DEFLECTED: Tone.DONE,
    State.CLOSED: Tone.NEUTRAL,
}


@dataclass(frozen=True, slots=True)
class View:
    """A question and the people and places that its cards name."""

    question: Question
    people: Mapping[int, Member]
    link: str | None = None

    def person(self, member_id: int | None) -> Words:
        """Return a member as a mention; an anonymous asker as nobody."""
        member = self.people.get(member_id or 0)
        if member is None:
            return SOMEONE
        if member_id == self.question.asker_id and self.question.anonymous:
            return SOMEONE
        return mention(member)

    @property
    def asker(self) -> Words:
        return self.person(self.question.asker_id)

    @property
    def helper(self) -> Words:
        return self.person(self.question.helper_id)


def pings(*members: Member | None) -> tuple[Account, ...]:
    """Return the accounts that notify these members."""
    return tuple(Account.of(key) for member in members if member for key in member.accounts)


def name_of(question: Question) -> str:
    """Return what members call a question."""
    return f"Question #{question.number}" if question.number else "Your question"


# The question itself


def question_card(
    view: View, *, solve: Call, support: Call, help_: Call, reopen: Call, speak: Call, reveal: Call
) -> Card:
    """Show a question to everyone, in whichever state it is."""
    question = view.question
    buttons: tuple[AnyButton, ...]
    if question.state in (State.SOLVED, State.CLOSED):
        buttons = (Button("Reopen", reopen),)
    elif question.state in (State.DROPPED, State.DEFLECTED):
        buttons = ()
    else:
        buttons = (Button("Mark as solved", solve),)
        if question.audience is Audience.PEERS:
            buttons = (Button("I can help", help_, Style.PRIMARY), *buttons, Button("Talk to support", support))
        if question.anonymous:
            buttons += (Button("Reply as the asker", speak), Button("Who asked?", reveal))
    fields = [CardField("State", _state(view)), CardField("Asked by", view.asker)]
    if question.topic:
        fields.append(CardField("Topic", question.topic))
    if question.asked_at:
        fields.append(CardField("Asked", Time(question.asked_at, TimeStyle.RELATIVE)))
    body = written(question.details)
    if question.state is State.SOLVED and question.solution_text:
        body = join([body, join([_credit(view), written(question.solution_text)])], "\n\n")
    return Card(
        question.title,
        body,
        fields=tuple(fields),
        footer=f"#{question.number}",
        tone=_TONES.get(question.state, Tone.NEUTRAL),
        buttons=buttons,
    )


def _state(view: View) -> Text:
    question = view.question
    label = _STATES[question.state]
    match question.state:
        case State.OPEN if question.audience is Audience.AGENTS:
            return text(f"{label} · waiting for support")
        case State.CLAIMED:
            return say("{label} · {helper} is on it", label=label, helper=view.helper)
        case State.SOLVED if question.solver_id:
            return say("{label} by {solver}", label=label, solver=view.person(question.solver_id))
        case State.CLOSED:
            return text(f"{label} · nobody wrote any more")
    return text(label)


def _credit(view: View) -> Text:
    if view.question.solver_id:
        return say("{answer} from {solver}:", answer=Strong("The answer"), solver=view.person(view.question.solver_id))
    return say("{answer}:", answer=Strong("The answer"))


# Before it is posted


@dataclass(frozen=True, slots=True)
class Known:
    """A solved question that may answer this one, or an article that does."""

    question: Question
    title: str
    answer: str
    helper: Words
    link: str | None


def known_card(known: Sequence[Known], solved: Sequence[Call], post: Call, *, drop: Call | None = None) -> Card:
    """Show the asker what is known already. With `drop`, they posted it themselves and it will go on."""
    parts: list[Words] = []
    for position, entry in enumerate(known, 1):
        title: Words = Link(entry.title, entry.link) if entry.link else Strong(entry.title)
        head = say("{n}. {title}", n=position, title=title) if len(known) > 1 else text(title)
        answer = written(clip(entry.answer, 500))
        parts.append(join([head, say("{helper} answered: {answer}", helper=entry.helper, answer=answer)]))
    single = len(known) == 1
    buttons = [
        Button(
            "This solved it" if single else f"This solved it ({position})",
            call,
            Style.PRIMARY if single else Style.NEUTRAL,
        )
        for position, call in enumerate(solved, 1)
    ]
    buttons.append(Button("Post my question", post, Style.NEUTRAL if single else Style.PRIMARY))
    if drop:
        buttons.append(Button("Not a question", drop))
    return Card(
        "Is this it?",
        join(["This has been solved here before:", *parts], "\n\n"),
        footer="If not, I ask around in a few minutes." if drop else "Nothing has been posted yet.",
        buttons=tuple(buttons),
    )


def deflected_card(helper: Words) -> Card:
    return Card(
        body=say("Glad that helped! It counts for {helper} once more.", helper=helper),
        tone=Tone.DONE,
    )


def posted_card(view: View, asked: Sequence[Member], drop: Call | None = None) -> Card:
    """Tell the asker what happens now."""
    question = view.question
    if question.audience is Audience.AGENTS:
        next_ = text("Support has it now and will answer in the thread.")
    elif asked:
        next_ = say("I have asked {names} to look at it.", names=listing([Strong(member.name) for member in asked]))
    else:
        next_ = text("Everyone in the channel can see it. If nobody answers, support will.")
    lines: list[Words] = [say("{name} is posted. {next}", name=Strong(name_of(question)), next=next_)]
    if question.anonymous:
        lines.append("Your name is not shown. What you write in the thread yourself is, so use “Reply as the asker”.")
    buttons: list[AnyButton] = [LinkButton("Open it", view.link)] if view.link else []
    if drop:
        buttons.append(Button("Not a question", drop))
    return Card(body=join(lines), tone=Tone.WAITING, buttons=tuple(buttons))


def left_alone_card() -> Card:
    return Card(
        body="Sorry for the noise! What you post here is left alone from now on. “/ask” still works whenever you like."
    )


# Peers


def offers_card(chosen: Sequence[tuple[Member, str]], *, help_: Call, decline: Call, snooze: Call) -> Card:
    """Ask a wave of peers, in the thread, each with the reason."""
    lines = [say("{who}, {why}.", who=mention(member), why=reason) for member, reason in chosen]
    return Card(
        "Could one of you help?" if len(chosen) > 1 else "Could you help?",
        join(lines),
        footer="“Not me” and “Snooze” are only seen by Trellis.",
        tone=Tone.WAITING,
        buttons=_offer_buttons(help_, decline, snooze),
        pings=pings(*(member for member, _ in chosen)),
    )


def direct_offer_card(view: View, reason: str, *, help_: Call, decline: Call, snooze: Call) -> Card:
    """Ask one peer who agreed to direct messages."""
    buttons: tuple[AnyButton, ...] = _offer_buttons(help_, decline, snooze)
    if view.link:
        buttons += (LinkButton("Open the thread", view.link),)
    return Card(
        say("Could you help with “{title}”?", title=clip(view.question.title, 100)),
        join([text(f"I ask you because {reason}."), written(clip(view.question.details, 600))], "\n\n"),
        tone=Tone.WAITING,
        buttons=buttons,
    )


def _offer_buttons(help_: Call, decline: Call, snooze: Call) -> tuple[Button, ...]:
    return (Button("I can help", help_, Style.PRIMARY), Button("Not me", decline), Button("Snooze", snooze))


def helping_card(view: View, propose: Call) -> Card:
    """Thank a peer who takes a question on."""
    buttons: list[AnyButton] = [LinkButton("Open the thread", view.link)] if view.link else []
    return Card(
        body="Thank you! Write your answer in the thread. When you think that it is solved, tell me here.",
        tone=Tone.ACTIVE,
        buttons=(*buttons, Button("I think this is solved", propose)),
    )


def on_it_card(helper: Words) -> Card:
    return Card(body=say("{helper} is looking at this.", helper=helper), tone=Tone.ACTIVE)


def declined_card() -> Card:
    return Card(body="No problem, I will ask someone else. Thank you for telling me!")


def snoozed_card(until: datetime) -> Card:
    return Card(body=say("You will not be asked again before {until}.", until=Time(until)))


def also_helping_card(helper: Words) -> Card:
    return Card(
        body=say("{helper} is on it already, and two heads are better than one: write in the thread.", helper=helper)
    )


# Support


def agents_card(
    view: View,
    replies: Sequence[Reply],
    waiting_for: Member | None,
    due: datetime | None,
    *,
    claim: Call,
    release: Call,
) -> Card:
    """Show a question to support, with the gist of its thread."""
    question = view.question
    fields = [CardField("State", _state(view)), CardField("Asked by", view.asker)]
    if question.topic:
        fields.append(CardField("Topic", question.topic))
    open_ = question.state is State.OPEN
    if open_ and question.waiting_since:
        fields.append(CardField("Waiting since", Time(question.waiting_since, TimeStyle.RELATIVE)))
    if open_ and due:
        fields.append(CardField("To be taken by", Time(due)))
    gist = [
        say("{who}: {words}", who=view.person(reply.member_id), words=clip(reply.text, 160)) for reply in replies[-5:]
    ]
    body: list[Words] = [written(clip(question.details, 800))]
    if gist:
        body.append(join([Strong("So far in the thread"), *gist]))
    if question.escalation:
        body.append(f"Here because {question.escalation}.")
    if open_ and waiting_for:
        body.append(say("{agent}, it is your turn. Anyone else may take it too.", agent=mention(waiting_for)))
    elif open_:
        body.append("Nobody on duty has room right now: whoever comes on duty next is asked.")
    buttons: list[AnyButton] = []
    if open_:
        buttons.append(Button("Claim", claim, Style.PRIMARY))
    elif question.state in (State.CLAIMED, State.ANSWERED):
        buttons.append(Button("Hand back", release))
    if view.link:
        buttons.append(LinkButton("Open the thread", view.link))
    return Card(
        say("For support: {title}", title=clip(question.title, 130)),
        join(body, "\n\n"),
        fields=tuple(fields),
        footer=f"#{question.number}",
        tone=Tone.URGENT if open_ else _TONES.get(question.state, Tone.NEUTRAL),
        buttons=tuple(buttons),
        pings=pings(waiting_for) if open_ else (),
    )


def turn_card(view: View, agent: Member, claim: Call) -> Card:
    """Tell the next agent that it is their turn."""
    buttons: tuple[AnyButton, ...] = (Button("Claim", claim, Style.PRIMARY),)
    if view.link:
        buttons += (LinkButton("Open the thread", view.link),)
    return Card(
        body=say(
            "{agent}, “{title}” is still waiting. Could you take it?",
            agent=mention(agent),
            title=clip(view.question.title, 100),
        ),
        tone=Tone.URGENT,
        buttons=buttons,
        pings=pings(agent),
    )


def escalated_card(reason: str) -> Card:
    return Card(body=f"I have brought this to support, because {reason}.", tone=Tone.ACTIVE)


def lead_card(view: View, leads: Sequence[Member], waited: str) -> Card:
    """Tell the lead that nobody took a question in time."""
    whom = listing([mention(lead) for lead in leads]) if leads else text("Nobody is named as lead")
    return Card(
        say("Still waiting: {title}", title=clip(view.question.title, 120)),
        say(
            "{whom}: {name} has waited {waited} for support and nobody has taken it.",
            whom=whom,
            name=name_of(view.question),
            waited=waited,
        ),
        tone=Tone.URGENT,
        buttons=(LinkButton("Open the thread", view.link),) if view.link else (),
        pings=pings(*leads),
    )


def claimed_card(view: View, propose: Call) -> Card:
    buttons: list[AnyButton] = [LinkButton("Open the thread", view.link)] if view.link else []
    return Card(
        body="It is yours. Answer in the thread; everyone there can see it.",
        tone=Tone.ACTIVE,
        buttons=(*buttons, Button("I think this is solved", propose)),
    )


def called_card() -> Card:
    return Card(body="Support has been asked and will answer in the thread.", tone=Tone.ACTIVE)


def taken_card(view: View, *, mine: bool) -> Card:
    """Tell an agent that a question is not free."""
    if view.question.state not in (State.CLAIMED, State.ANSWERED):
        return Card(body="That is settled already.")
    return Card(body="It is yours already." if mine else say("{helper} was faster and has it.", helper=view.helper))


def released_card() -> Card:
    return Card(body="Handed back. It is someone else's turn now.")


def off_duty_card(agent: Words) -> Card:
    return Card(
        body=say(
            "{agent} let three turns pass, so I have taken them off duty. “/duty on” brings them back.", agent=agent
        )
    )


def duty_card(on: Sequence[Words], waiting: int, *, mine: bool) -> Card:
    head = "You are on duty. Thank you!" if mine else "You are off duty. See you!"
    who = say("On duty: {names}.", names=listing(on)) if on else text("Nobody is on duty.")
    queue = {0: "Nothing is waiting.", 1: "One question is waiting."}.get(waiting, f"{waiting} questions are waiting.")
    return Card(body=join([Strong(head), who, queue]))


def queue_card(views: Sequence[View], on: Sequence[Words], more: int) -> Card:
    """Show what waits for support, oldest first."""
    if not views:
        return Card("The queue is empty", "Nobody is waiting for support. 🌿", tone=Tone.DONE)
    lines = []
    for view in views:
        title = clip(view.question.title, 80)
        since = view.question.waiting_since or view.question.created_at
        lines.append(
            say(
                "#{number} {title} · {since}",
                number=view.question.number or 0,
                title=Link(title, view.link) if view.link else Strong(title),
                since=Time(since, TimeStyle.RELATIVE),
            )
        )
    if more:
        lines.append(text(f"… and {more} more"))
    who = say("On duty: {names}", names=listing(on)) if on else text("Nobody is on duty")
    return Card("Waiting for support", join(lines), footer=who, tone=Tone.WAITING)


def revealed_card(asker: Member) -> Card:
    return Card(body=say("{asker} asked this. That you looked is in the audit log.", asker=mention(asker)))


# Solving


def which_card(view: View, replies: Sequence[Reply], menu: Call, alone: Call) -> Card:
    """Ask the asker which message solved it."""
    options = []
    for reply in replies[-24:]:
        author = view.people.get(reply.member_id)
        said = " ".join(reply.text.split()) or "(a message)"
        options.append(Option(clip(f"{author.name if author else SOMEONE}: {said}", 75), reply.message))
    return Card(
        body="Which message solved it? You can also use “Mark as answer” on the message itself.",
        menu=Menu("Pick the answer", menu, tuple(options)) if options else None,
        buttons=(Button("I found it myself", alone),),
    )


def solved_notice(view: View) -> Card:
    """Tell the thread, once, what solved it."""
    question = view.question
    if question.state is State.DEFLECTED:
        words = say("{asker} found an earlier answer that solved this.", asker=view.asker)
    elif question.solver_id:
        words = say(
            "{asker} says that {solver} solved this. Thank you!",
            asker=view.asker,
            solver=view.person(question.solver_id),
        )
    else:
        words = say("{asker} has solved this.", asker=view.asker)
    return Card(body=words, tone=Tone.DONE)


def rating_card(view: View, rate: Mapping[int, Call]) -> Card:
    """Ask the asker how it was, with one tap."""
    return Card(
        body=say("Glad that “{title}” is solved! How was the help?", title=clip(view.question.title, 80)),
        tone=Tone.DONE,
        buttons=tuple(Button(label, rate[value]) for value, label in RATINGS.items()),
    )


RATINGS = {3: "😀 Great", 2: "🙂 Fine", 1: "😕 Not so good"}


def rated_card() -> Card:
    return Card(body="Thank you for telling us!", tone=Tone.DONE)


def proposal_card(view: View, helper: Words, confirm: Call, not_yet: Call, asker: Member | None) -> Card:
    """Ask the asker to confirm what a helper believes."""
    return Card(
        body=say("{asker}, {helper} thinks that this is solved. Is it?", asker=view.asker, helper=helper),
        tone=Tone.ACTIVE,
        buttons=(Button("Yes, it is solved", confirm, Style.PRIMARY), Button("Not yet", not_yet)),
        pings=() if view.question.anonymous else pings(asker),
    )


def reminder_card(
    view: View, confirm: Call, not_yet: Call, support: Call, close_at: datetime, asker: Member | None
) -> Card:
    """Ask the asker of an idle question whether it is solved."""
    buttons = [Button("Yes, it is solved", confirm, Style.PRIMARY), Button("Not yet", not_yet)]
    if view.question.audience is Audience.PEERS:
        buttons.append(Button("Talk to support", support))
    return Card(
        body=say(
            "{asker}, is “{title}” solved? If nobody writes before {close}, I will close it. You can always reopen it.",
            asker=view.asker,
            title=clip(view.question.title, 80),
            close=Time(close_at),
        ),
        buttons=tuple(buttons),
        pings=() if view.question.anonymous else pings(asker),
    )


def closed_card(reopen: Call, after: str) -> Card:
    return Card(
        body=f"Closed, because nobody has written for {after}. Not solved? Reopen it.",
        buttons=(Button("Reopen", reopen),),
    )


def reopened_card(who: Words) -> Card:
    return Card(body=say("{who} has reopened this: it is not solved yet.", who=who), tone=Tone.WAITING)


def back_card(who: Words, *, gave_back: bool) -> Card:
    what = "{who} has handed this back" if gave_back else "{who} has not got to this yet"
    return Card(body=say(f"{what}, so I am asking someone else.", who=who), tone=Tone.WAITING)


def offer_over_card(question: Question) -> Card:
    return Card(body=say("Thank you, “{title}” needs nobody else now.", title=clip(question.title, 100)))


def turn_over_card(question: Question) -> Card:
    return Card(body=say("“{title}” is in other hands now.", title=clip(question.title, 100)))


def answered_card(question: Question) -> Card:
    return Card(body=f"{_STATES[question.state]}. Thank you for telling me.")


def asker_says_card(words: str) -> Card:
    """Carry an anonymous asker's words into the thread."""
    return Card(body=join([Strong("The asker writes:"), written(words)]))


def content_card(view: View, confirm: Call, not_yet: Call) -> Card:
    """Ask an asker who sounds content."""
    return Card(
        body=say("That sounds good! Is “{title}” solved?", title=clip(view.question.title, 80)),
        buttons=(Button("Yes, it is solved", confirm, Style.PRIMARY), Button("Not yet", not_yet)),
    )


def not_solved_card(view: View, reopen: Call) -> Card:
    """Ask an asker who writes under a settled question."""
    return Card(
        body=say("“{title}” is settled. Is it not solved after all?", title=clip(view.question.title, 80)),
        buttons=(Button("Reopen", reopen),),
    )


def going_on_card() -> Card:
    return Card(body="All right, it stays open. Write in the thread what is still missing.")


def proposed_card() -> Card:
    return Card(body="Thank you! I have asked whoever asked to confirm it.", tone=Tone.DONE)


def marked_card() -> Card:
    return Card(body="Marked as solved. Thank you for tidying up!", tone=Tone.DONE)


def congratulation_card() -> Card:
    return Card(body="Marked as solved. Well done!", tone=Tone.DONE)


# Finding


def list_card(title: str, views: Sequence[View], *, more: bool) -> Card:
    """Show questions, one in a line; `more` says that there are others."""
    if not views:
        return Card(title, "There is nothing here. 🌿 “/ask” starts the first one.")
    lines = [
        say(
            "{state} #{number} {title} · {asked}",
            state=_STATES[view.question.state].split()[0],
            number=view.question.number or 0,
            title=_linked(clip(view.question.title, 90), view.link),
            asked=Time(view.question.asked_at or view.question.created_at, TimeStyle.RELATIVE),
        )
        for view in views
    ]
    return Card(title, join(lines), footer="There are more: “/search” finds them." if more else "")


def _linked(words: str, link: str | None) -> Words:
    return Link(words, link) if link else Strong(words)


@dataclass(frozen=True, slots=True)
class Found:
    """Something that a search found."""

    title: str
    excerpt: str
    note: Words
    link: str | None

    @classmethod
    def of_article(cls, article: Article, authors: Sequence[Words], link: str | None) -> Found:
        by = say("Knowledge base, by {authors}", authors=listing(authors)) if authors else "Knowledge base"
        return cls(article.title, article.answer, by, link)

    @classmethod
    def of_question(cls, view: View) -> Found:
        question = view.question
        if question.state is State.SOLVED and question.solution_text:
            note = say("{state} by {helper}", state=_STATES[question.state], helper=view.person(question.solver_id))
            return cls(question.title, question.solution_text, note, view.link)
        return cls(question.title, question.details, _STATES[question.state], view.link)


def search_card(query: str, found: Sequence[Found], ask: Call) -> Card:
    """Show what a search found, to whoever searched."""
    if not found:
        return Card(
            "Nothing found",
            say("I know nothing about “{query}” yet.", query=clip(query, 100)),
            buttons=(Button("Ask the community", ask, Style.PRIMARY),),
        )
    lines = [
        join([_linked(clip(entry.title, 110), entry.link), written(clip(entry.excerpt, 220)), entry.note])
        for entry in found
    ]
    return Card(
        say("What is known about “{query}”", query=clip(query, 100)),
        join(lines, "\n\n"),
        buttons=(Button("Ask the community", ask),),
    )


# Knowledge base


def saved_card(authors: Sequence[Words]) -> Card:
    if not authors:
        return Card(body="Saved to the knowledge base. It can be found from now on.", tone=Tone.DONE)
    return Card(body=say("Saved. It is published once {authors} agree.", authors=listing(authors)), tone=Tone.WAITING)


def consent_card(article: Article, authors: Sequence[Member], agree: Call, refuse: Call) -> Card:
    """Ask the authors whether their words may stand in the knowledge base."""
    return Card(
        say("For the knowledge base: {title}", title=clip(article.title, 110)),
        join(
            [
                say(
                    "{authors}, this answer is worth keeping. May it be published with your name?",
                    authors=listing([mention(author) for author in authors]),
                ),
                written(clip(article.answer, 1500)),
            ],
            "\n\n",
        ),
        buttons=(Button("Yes, publish it", agree, Style.PRIMARY), Button("No", refuse)),
        pings=pings(*authors),
    )


def consented_card(agreed: bool, published: bool) -> Card:
    if published and agreed:
        return Card(body="Thank you! It is in the knowledge base now, with your name.", tone=Tone.DONE)
    return Card(body="Thank you! The other authors are asked too." if agreed else "All right, it is not published.")


def published_card(article: Article, authors: Sequence[Words]) -> Card:
    return Card(
        say("In the knowledge base: {title}", title=clip(article.title, 110)),
        say("Thank you, {authors}!", authors=listing(authors)) if authors else "It can be found with “/search”.",
        tone=Tone.DONE,
    )


# Helping


def expertise_card(mine: Sequence[str], suggestions: Sequence[str]) -> Card:
    if not mine:
        hint = f" For example: {', '.join(suggestions)}." if suggestions else ""
        return Card("What you know", f"Nothing yet. “/expertise add” tells me what to ask you about.{hint}")
    return Card(
        "What you know", join([Strong(topic) for topic in mine], ", "), footer="“/expertise remove” takes one away."
    )


def expertise_changed_card(topic: str, *, added: bool) -> Card:
    if added:
        return Card(body=say("Noted: you know {topic}. I may ask you about it.", topic=Strong(topic)), tone=Tone.DONE)
    return Card(body=say("I will not ask you about {topic} any more.", topic=Strong(topic)))


def away_card(until: datetime | None) -> Card:
    if until is None:
        return Card(body="You are away: nobody asks you until you say “/back”. Enjoy!")
    return Card(
        body=say("You are away until {until}: nobody asks you before. “/back” ends it sooner.", until=Time(until))
    )


def back_again_card() -> Card:
    return Card(body="Welcome back! You may be asked again.", tone=Tone.DONE)
