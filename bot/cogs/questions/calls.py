"""What the buttons, forms and jobs of this room call."""

from __future__ import annotations

from adapters.contract.call import Call, call
from adapters.contract.models import MessageRef

# Whoever asks


def ask() -> Call:
    """Ask a question."""
    return call("asking.ask")


def post(draft_id: int) -> Call:
    """Post a draft although something is known."""
    return call("asking.post", draft_id)


def post_after_all(draft_id: int) -> Call:
    """Post a draft whose author did not look at what is known."""
    return call("asking.post_after_all", draft_id)


def unwanted(draft_id: int) -> Call:
    """Say that what was written in a help channel is not for the community."""
    return call("asking.unwanted", draft_id)


def posted(question_id: int) -> Call:
    """Draw what the asker is told once the question stands."""
    return call("asking.posted", question_id)


def drop(question_id: int) -> Call:
    """Take back what was no question."""
    return call("asking.drop", question_id)


def solved_by(draft_id: int, known_id: int) -> Call:
    """Say that an old answer was enough."""
    return call("asking.solved_by", draft_id, known_id)


def follow(draft_id: int, other_id: int) -> Call:
    """Wait for the answer to somebody else's question instead of asking the same."""
    return call("same.follow", draft_id, other_id)


def look_again(question_id: int, space: str) -> Call:
    """See what became of the messages on which a question rests, in a space by its key."""
    return call("changing.look_at", question_id, space)


def speak(question_id: int) -> Call:
    """Write in the thread without a name."""
    return call("anonymous.speak", question_id)


def spoken(question_id: int) -> Call:
    return call("anonymous.spoken", question_id)


def reveal(question_id: int) -> Call:
    """Tell a moderator who asked."""
    return call("anonymous.reveal", question_id)


def redraw_next(member_id: int, after: int) -> Call:
    """Draw again what names a member, from the question behind `after` on."""
    return call("asking.redraw_next", member_id, after)


# Privately


def send(question_id: int) -> Call:
    """Send a draft to support, which nobody else sees."""
    return call("private.send", question_id)


def publish(question_id: int) -> Call:
    """Post a draft for everyone, because there is nowhere to ask it privately."""
    return call("private.publish", question_id)


def write(question_id: int) -> Call:
    """Write to support."""
    return call("private.write", question_id)


def written(question_id: int) -> Call:
    return call("private.written", question_id)


def pass_on(question_id: int, message: MessageRef) -> Call:
    """Pass a message on to support."""
    return call("private.pass_on", question_id, message.key)


def show_private(question_id: int) -> Call:
    """Show what was written so far."""
    return call("private.show", question_id)


def take_back(question_id: int) -> Call:
    """Take back what support was asked."""
    return call("private.take_back", question_id)


# Whoever helps


def help_(question_id: int) -> Call:
    return call("helping.help", question_id)


def decline(question_id: int) -> Call:
    return call("helping.decline", question_id)


def why(question_id: int) -> Call:
    """Say what speaks for somebody who is asked."""
    return call("helping.why", question_id)


def snooze(question_id: int) -> Call:
    return call("helping.snooze", question_id)


def undo_away(until: str, before: str) -> Call:
    """Be asked as before: `until` and `before` are moments in seconds, or nothing."""
    return call("helping.undo_away", until, before)


# Support


def support(question_id: int) -> Call:
    """Bring it to support."""
    return call("support.call", question_id)


def claim(question_id: int) -> Call:
    return call("support.claim", question_id)


def release(question_id: int) -> Call:
    """Hand it back."""
    return call("support.release", question_id)


def drain() -> Call:
    """Hand out what waits."""
    return call("support.drain")


# The end


def solve(question_id: int) -> Call:
    return call("solving.solve", question_id)


def pick(question_id: int) -> Call:
    """Say which message solved it."""
    return call("solving.pick", question_id)


def alone(question_id: int) -> Call:
    """Say that one found it without help."""
    return call("solving.alone", question_id)


def not_yet(question_id: int) -> Call:
    """Say that it is not solved."""
    return call("solving.not_yet", question_id)


def propose(question_id: int) -> Call:
    """Say as a helper that it is solved."""
    return call("solving.propose", question_id)


def reopen(question_id: int) -> Call:
    return call("solving.reopen", question_id)


def rate(question_id: int, rating: int) -> Call:
    return call("solving.rate", question_id, rating)


# What is kept


def save(question_id: int, written_by: int) -> Call:
    """Keep an answer whose words are a member's, or nobody's (0)."""
    return call("knowledge.save", question_id, written_by)


def consent(article_id: int, version: str, agreed: bool) -> Call:
    """Say whether those words may be published."""
    return call("knowledge.consent", article_id, version, agreed)


def learn() -> Call:
    """Find out what more texts mean."""
    return call("meanings.learn")
