"""Changing: what is edited or deleted afterwards is followed, in questions, answers, and what was made of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from adapters.contract.commands import Role
from adapters.contract.events import Glance, MessageDeleted, MessageEdited, ThreadDeleted
from adapters.contract.models import Message, MessageRef
from bot.kernel.cog import Cog, action, listener
from bot.kernel.context import Context
from bot.kernel.domain_events import AnswerWithdrawn, MissedRead
from bot.kernel.work import Work
from bot.text.reading import Verdict, is_question
from bot.text.titles import split_title
from storage.members import Member
from storage.moments import MomentKind
from storage.questions import KIND, UNPOSTED, UNSETTLED, Question, State
from storage.replies import Reply

from . import calls, cards
from .places import CARD
from .policy import guess_topic, reads_as_content
from .service import Questions, words_of

LOOKED_AT, APART, MOST_ANSWERS = 50, timedelta(seconds=3), 5
"""So many questions are looked at again after an absence, so long apart, with so many of the latest answers of each."""


class Changing(Cog):
    """Words that are kept stand as their authors have them by now."""

    name = "changing"
    room = "Questions"

    def __init__(self, questions: Questions) -> None:
        self.questions = questions

    def keeps(self, glance: Glance) -> bool:
        """Say whether a message that is changed may be a question or a reply."""
        return glance.known and glance.channel not in self.questions.agents_channels

    # Edited

    @listener(MessageEdited, where=lambda cog, glance: cog.keeps(glance), role=Role.GUEST, in_passing=True)
    async def edit(self, ctx: Context, event: MessageEdited) -> None:
        """Somebody wrote a question or a reply differently."""
        key = event.message.ref.key
        if before := await self.questions.replies.of(key):
            await self._edit_reply(ctx, event.message, event.at, before)
            return
        question = await self.questions.store.by_origin(key)
        if question and await self._edit_question(ctx, event.message, event.at, question):
            await ctx.aside(cards.settled_card(await self.questions.view(ctx, question)))

    @listener(MessageEdited, where=lambda cog, glance: cog.keeps(glance), in_passing=True, of_forgotten=True)
    async def edit_kept(self, work: Work, event: MessageEdited) -> None:
        """What solved a question is written differently by somebody of whom nothing else is kept."""
        key = event.message.ref.key
        question = await self.questions.store.by_solution(key)
        if question and not await self.questions.replies.of(key):
            await self._edit_kept(work, event.message, question)

    async def _edit_kept(self, work: Work, message: Message, question: Question) -> None:
        words = self.questions.said(work, message)
        if not self.questions.is_answer(work, message.ref.key, words):
            await self._delete_kept(work, question)
        elif changed := await self.questions.rewrites.rewrite_solution(question.id, message.ref.key, words):
            await self._find_again(changed.id)
            self.questions.touch(work, changed)

    async def _edit_question(self, work: Work, message: Message, at: datetime, question: Question) -> bool:
        """Its title, details and topic follow, with the lines that went on with it; who is asked stays as it is.

        Say whether it asked something before and does not any more.
        """
        title, details = words_of(message)
        if not title.strip():
            await self._take_back(work, question)
            return False
        replies = await self.questions.replies.latest(question.id)
        if lines := [reply.text for reply in replies if _goes_on(question, reply)]:
            title, details = split_title("\n".join((details or title, *lines)))
        asked, asks = (is_question(words) is not Verdict.NO for words in (question.details or question.title, title))
        changed = await self._reword(work, question, title, details, at)
        return changed and question.state in UNSETTLED and asked and not asks

    async def _take_back(self, work: Work, question: Question) -> None:
        """The post that asked is gone, or has no words any more. What is settled stays for others."""
        dropped = await self.questions.store.drop(question.id, work.now)
        if dropped:
            await self.questions.search.remove(KIND, dropped.id)
            self.questions.touch(work, dropped)
            await work.unname_threads(KIND, dropped.id)
            await self.questions.turns.drain(work)

    async def _reword(self, work: Work, question: Question, title: str, details: str, edited_at: datetime) -> bool:
        """Have a question ask in other words; say whether they are new."""
        if not title.strip():
            return False
        topic = guess_topic(f"{title} {details}", self.questions.topics) or question.topic
        changed = await self.questions.rewrites.rewrite(question.id, title, details, topic, edited_at)
        if changed and changed.state not in UNPOSTED:
            await self.questions.index(changed)
            await self.questions.note_help(changed)
            self.questions.touch(work, changed)
        return changed is not None

    async def _edit_reply(self, work: Work, message: Message, at: datetime, before: Reply) -> None:
        """What it solved, it solves in its new words; an answer may become none, and the other way round."""
        words = self.questions.said(work, message)
        question = await self.questions.rewrites.rewrite_reply(before.message, words, at)
        if question is None:
            return
        question = await self.questions.complete_solution(question) or question
        said, solves = before.message, question.solution == before.message
        helped, helps = (bool(text) and self.questions.is_answer(work, said, text) for text in (before.text, words))
        if _goes_on(question, before):
            await self._put_line(work, question, before, words)
        elif solves and helped and not helps:
            question = await self.questions.rewrites.unsolve(question.id, said, work.now) or question
            await self._ask_again(work, question, before.member_id)
        elif before.member_id != question.asker_id and not solves:
            if helps and not helped:
                await self.questions.rewrites.answer(question.id, before.member_id, work.now)
            elif helped and not helps:
                await self._look_for_answers(question, work)
        elif not solves and (await self.questions.replies.latest(question.id))[-1].id == before.id:
            content = reads_as_content(self.questions.caption(work, before.message, words))
            await self.questions.rewrites.speak_last(question.id, asks=not content)
        if before.member_id != question.asker_id:
            await self.questions.note_help(question)
        await self._find_again(question.id)
        self.questions.touch(work, question)

    async def _put_line(self, work: Work, question: Question, line: Reply, words: str) -> None:
        """Put other words, or none, in the place of a line with which somebody went on with their question."""
        asked, _, more = question.details.rpartition(f"\n{line.text}")
        title, details = split_title("\n".join(filter(None, (asked, words))) + more)
        await self._reword(work, question, title, details, question.edited_at or question.created_at)

    async def _find_again(self, question_id: int) -> None:
        """Have a question found by what stands in its thread now."""
        question = await self.questions.store.get(question_id)
        if question and question.state not in UNPOSTED:
            await self.questions.index(question)

    async def _look_for_answers(self, question: Question, work: Work) -> None:
        """Ask around again where the only answer is gone."""
        left = await self.questions.answers(question)
        if not any(self.questions.is_answer(work, reply.message, reply.text) for reply in left):
            await self.questions.rewrites.unanswer(question.id, work.now)

    # Deleted

    @listener(MessageDeleted, where=lambda cog, glance: cog.keeps(glance))
    async def delete(self, work: Work, event: MessageDeleted) -> None:
        """What is deleted is forgotten; a question whose post is deleted is taken back."""
        await self._delete(work, event.message.key)

    async def _delete(self, work: Work, key: str) -> None:
        if before := await self.questions.replies.of(key):
            if before.deleted_at is None:
                await self._delete_reply(work, before)
        elif solved := await self.questions.store.by_solution(key):
            await self._delete_kept(work, solved)
        elif question := await self.questions.store.by_origin(key):
            await self._take_back(work, question)

    async def _delete_kept(self, work: Work, question: Question) -> None:
        """What solved a question is gone, and nothing else was kept of who wrote it."""
        await self.questions.lifecycle.lock(work, question.id)
        if unsolved := await self.questions.rewrites.unsolve(question.id, question.solution or "", work.now):
            await self._ask_again(work, unsolved, question.solver_id or question.asker_id)
            await self._find_again(question.id)
            self.questions.touch(work, question)

    @listener(ThreadDeleted)
    async def delete_thread(self, work: Work, event: ThreadDeleted) -> None:
        """What stood in a thread that somebody deleted is deleted with it: also what had solved the question."""
        for reply in await self.questions.replies.within(event.thread.key):
            await self._delete_reply(work, reply)

    async def _delete_reply(self, work: Work, before: Reply) -> None:
        await self.questions.lifecycle.lock(work, before.question_id)
        question = await self.questions.replies.unsay(before.message, work.now)
        if question is None:
            return
        if _goes_on(question, before):
            await self._put_line(work, question, before, "")
        unsolved = await self.questions.rewrites.unsolve(question.id, before.message, work.now)
        await self.questions.complete_solution(question)
        helped = before.member_id != question.asker_id
        if unsolved:
            await self._ask_again(work, unsolved, before.member_id)
        elif helped and self.questions.is_answer(work, before.message, before.text):
            await self._look_for_answers(question, work)
        if helped:
            await self.questions.note_help(unsolved or question)
        await self._find_again(question.id)
        self.questions.touch(work, question)

    async def _ask_again(self, work: Work, question: Question, helper_id: int) -> None:
        """The answer that solved a question is gone, and all that was promised with it: its asker says what did.

        What was asked before Trellis came is over, and nobody is asked.
        """
        if question.import_id:
            return
        await self.questions.moments.add(question.id, MomentKind.ANSWER_DELETED, helper_id, work.now)
        if helper_id != question.asker_id:
            await work.publish(AnswerWithdrawn(question.id, helper_id, question.asker_id))
        asker = await self.questions.members.get(question.asker_id)
        if asker is None or asker.left_at:
            await self.questions.solutions.leave(question.id, work.now)

    # What nobody told of

    @listener(MissedRead)
    async def look_again(self, work: Work, event: MissedRead) -> None:
        """What was deleted or edited while nobody listened is looked for, of the latest that are open or solved."""
        found = await self.questions.store.listed(work.community.id, (*UNSETTLED, State.SOLVED), LOOKED_AT)
        for number, question in enumerate(found):
            at = work.now + number * APART
            key = f"look-again/{event.space}/{question.id}"
            await work.schedule(calls.look_again(question.id, event.space), at, key=key)

    @action
    async def look_at(self, work: Work, question_id: int, space: str) -> None:
        """Look at the messages of a question in a space, unless our own cannot be seen there either."""
        question = await self.questions.store.get(question_id)
        rows = (await work.standing(KIND, question_id)).rows
        ours = next((row.message for row in rows if row.key == CARD and row.stands and row.spot == space), None)
        if question is None or ours is None or await work.platforms.fetch(MessageRef.of(ours)) is None:
            return
        answers = [reply.message for reply in await self.questions.answers(question)][-MOST_ANSWERS:]
        keys = [question.solution] if question.state is State.SOLVED else [question.origin, *answers]
        there = [key for key in keys if key and key.startswith(f"{space}/")]
        now = {key: await work.platforms.fetch(MessageRef.of(key)) for key in there}  # before anything is written
        for key, message in now.items():
            reply = await self.questions.replies.of(key)
            if message is None:
                await self._delete(work, key)
            elif reply and reply.deleted_at is None:
                await self._edit_reply(work, message, work.now, reply)
            elif not reply and key == question.origin:
                await self._edit_question(work, message, work.now, question)
            elif not reply:
                await self._edit_kept(work, message, question)

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, _: Member) -> None:
        """What members wrote is the other cogs' to forget."""


def _goes_on(question: Question, reply: Reply) -> bool:
    """Say whether a reply is a line with which somebody went on with what they had just asked in a help channel."""
    beside = question.origin and reply.message.rpartition("/")[0] == question.origin.rpartition("/")[0]
    by_asker = reply.member_id == question.asker_id and reply.deleted_at is None
    return bool(beside and by_asker and reply.text) and f"\n{reply.text}" in question.details
