"""Finding and keeping: lists, search, and the knowledge base that moderators make from solved questions."""

from __future__ import annotations

from typing import Any

from adapters.contract.commands import Role
from adapters.contract.events import MemberLeft
from adapters.contract.text import clip, count, label, listing, say
from adapters.contract.ui import Option
from bot.kernel.cog import Cog, action, command, listener, shortcut
from bot.kernel.context import Context, OnMessage, Submission
from bot.kernel.errors import UserError, require
from bot.kernel.forms import Form, ask
from bot.kernel.work import Suggesting
from storage.knowledge import Article
from storage.members import Member
from storage.questions import UNSETTLED, Audience, State

from . import calls, cards
from .gaps import Coverage
from .knowledge_search import ARTICLE, KnowledgeSearch
from .offering import LOOKED_BACK
from .service import Questions

LISTED = 15
"""How many questions a list shows."""
SUGGESTED = 100
"""How many questions may be meant by what someone begins to type."""
_STATUSES = {
    "open": (label("Open"), say("Open questions")),
    "unanswered": (label("Unanswered"), say("Questions without an answer")),
    "solved": (label("Solved"), say("Solved questions")),
    "mine": (label("Mine"), say("Your questions")),
}
"""What can be listed: as an option, and as the title of the list."""


class ListForm(Form, title="Questions", submit="Show"):
    """Which questions to show."""

    status: str = ask(
        "Which ones?", choices=tuple(Option(option, name) for name, (option, _) in _STATUSES.items()), required=False
    )


class SearchForm(Form, title="Search", submit="Search"):
    """What to look for."""

    query: str = ask("What are you looking for?", longest=150, suggest=lambda cog, asked: cog.titles(asked))


class ArticleForm(Form, title="Knowledge base", submit="Save"):
    """An answer worth keeping, in words that will be understood later."""

    heading: str = ask("Title", hint="As someone would ask it", longest=150)
    answer: str = ask("Answer", longest=3000, lines=10)


PRIVATE = say("This was asked privately, so it stays with support.")


class Knowledge(Cog):
    """What has been answered is found again."""

    name = "knowledge"
    room = "Questions"

    def __init__(self, questions: Questions, knowledge_search: KnowledgeSearch, coverage: Coverage) -> None:
        self.questions = questions
        self.knowledge_search = knowledge_search
        self.coverage = coverage

    @command("question list", "See questions: open, unanswered, solved, or yours")
    async def list_questions(self, ctx: Submission[ListForm]) -> None:
        status = ctx.form.status or "open"
        states: tuple[State, ...] = (State.SOLVED,) if status == "solved" else UNSETTLED
        if status == "mine":
            states = (*UNSETTLED, State.SOLVED, State.CLOSED)
        found = await self.questions.store.listed(
            ctx.community.id,
            states,
            LISTED + 1,
            asker_id=ctx.member.id if status == "mine" else None,
            answered=False if status == "unanswered" else None,
            public=status != "mine",
        )
        views = await self.questions.views(ctx, found[:LISTED])
        more, mine = len(found) > LISTED, status == "mine"
        await ctx.reply(cards.list_card(_STATUSES[status][1], views, more=more, mine=mine))

    async def titles(self, asked: Suggesting) -> list[Option]:
        """Return what questions are called that are open or were solved lately."""
        states = (*UNSETTLED, State.SOLVED)
        found = await self.questions.store.listed(asked.community.id, states, SUGGESTED, audience=Audience.PEERS)
        titles = dict.fromkeys(clip(question.title, 75) for question in found if question.title)
        return [Option(title, title) for title in titles]

    @command("search", "Search what has been answered before", personal=True)
    async def search(self, ctx: Submission[SearchForm]) -> None:
        query = ctx.form.query
        found = await self.knowledge_search.find(ctx, query)
        await ctx.reply(cards.search_card(query, found, await ctx.prepared(calls.ask(), question=query)))

    @command("question report", "See how well known answers help, and what is missing", role=Role.MODERATOR)
    async def report(self, ctx: Context) -> None:
        past = await self.knowledge_search.offered.since(ctx.community.id, ctx.now - LOOKED_BACK)
        has_place = await self.questions.support_place(ctx) is not None
        gaps = await self.coverage.gaps(ctx.community.id, self.questions.topics, has_place=has_place)
        await ctx.reply(cards.report_card(past, await self.knowledge_search.least(ctx), gaps))

    @shortcut("Save to knowledge base", role=Role.MODERATOR)
    async def save_from_message(self, ctx: OnMessage) -> None:
        place = ctx.target.ref
        question = await self.questions.store.by_thread(place.channel.key)
        question = question or await self.questions.store.by_message(place.key)
        if question is None or question.community_id != ctx.community.id:
            raise UserError(say("That works on a solved question and in its thread."))
        require(not question.private, PRIVATE)
        require(question.state is State.SOLVED, say("Only a solved question can be kept. Mark the answer first."))
        require(
            question.import_id is None,
            say("This was asked before I came. “/search” finds it; only what was asked since can be kept."),
        )
        written_by = question.solver_id if question.solution_text else await self._author_of(ctx)
        await ctx.open(
            ArticleForm,
            calls.save(question.id, written_by or 0),
            self,
            heading=question.title,
            answer=clip(question.solution_text or ctx.target.text, 3000),
        )

    async def _author_of(self, ctx: OnMessage) -> int:
        reply = await self.questions.replies.of(ctx.target.ref.key)
        author = None if reply or ctx.target.author.bot else await ctx.meet(ctx.target.author)
        return reply.member_id if reply else (author.id if author else 0)

    @action(role=Role.MODERATOR)
    async def save(self, ctx: Submission[ArticleForm], question_id: int, written_by: int) -> None:
        """A moderator edited the words; those they rest on are asked whether they agree."""
        question = await self.questions.get(ctx, question_id)
        require(not question.private, PRIVATE)
        require(question.state is State.SOLVED, say("Only a solved question can be kept. Mark the answer first."))
        ids = {question.solver_id, written_by or None, None if question.anonymous else question.asker_id} - {None}
        known = await ctx.members.get_many(id_ for id_ in ids if id_)
        authors = [author for author in known.values() if author.community_id == ctx.community.id]
        require(len(authors) == len(known), say("That article is gone."))
        gone = [author.name for author in authors if author.left_at]
        if gone:
            raise UserError(
                count(
                    len(gone),
                    "{names} left and can't be asked, so this can't be published.",
                    "{names} left and can't be asked, so this can't be published.",
                    names=listing(gone),
                )
            )
        article = await self.knowledge_search.knowledge.save(
            ctx.community.id,
            question.id,
            ctx.form.heading,
            ctx.form.answer,
            ctx.member.id,
            [author.id for author in authors],
            ctx.now,
        )
        await self.questions.search.remove(ARTICLE, article.id)
        await self.questions.audit.add(
            ctx.community.id, ctx.now, ctx.member.id, "article.saved", subject=f"question #{question.number}"
        )
        if authors:
            version = _version(article)
            for thread in (await self.questions.threads(ctx, question))[:1]:
                key = f"question/{question.id}/consent/{version}"
                ctx.say(thread, cards.consent_card(article, authors, version), key=key)
        else:
            await self._publish(ctx, article.id)
        await ctx.reply(cards.saved_card(await self.knowledge_search.authors(article)))

    @action
    async def consent(self, ctx: Context, article_id: int, version: str, agreed: bool) -> None:
        """An author says whether their words may be published."""
        article = await self.knowledge_search.knowledge.get(article_id)
        if article is None or article.community_id != ctx.community.id:
            raise UserError(say("That article is gone."))
        require(ctx.member.id in article.authors, say("Only its authors can decide that."))
        require(version == _version(article), say("Its words have changed since. Please look at the newer request."))
        await ctx.lock(f"article/{article_id}")  # whoever agrees last publishes it
        await self.knowledge_search.knowledge.consent(article_id, ctx.member.id, agreed, ctx.now)
        if agreed:
            await self._publish(ctx, article_id)
        else:
            await self.knowledge_search.knowledge.withdraw(article_id)
            await self.questions.search.remove(ARTICLE, article_id)
        now = await self.knowledge_search.knowledge.get(article_id)
        await ctx.reply(cards.consented_card(agreed, bool(now and now.published_at)))

    @listener(MemberLeft, role=Role.GUEST)
    async def leave(self, ctx: Context, _: MemberLeft) -> None:
        """An author is gone, perhaps from one of two platforms only; whoever saved their words is told."""
        author = await ctx.members.get(ctx.member.id)
        if author is None or author.left_at is None:
            return
        for article in await self.knowledge_search.knowledge.waiting_for(author.id):
            question = await self.questions.get(ctx, article.question_id)
            if keeper := await ctx.members.get(article.saved_by):
                key = f"question/{question.id}/gone/{_version(article)}"
                near = await self.questions.threads(ctx, question)
                await ctx.notify([keeper], cards.cannot_be_asked_card(article, author), key=key, near=near)

    async def _publish(self, ctx: Context, article_id: int) -> None:
        article = await self.knowledge_search.knowledge.publish(article_id, ctx.now)
        if article is None:
            return
        await self.questions.search.put(
            article.community_id, ARTICLE, article.id, title=article.title, body=article.answer, at=ctx.now
        )
        question = await self.questions.get(ctx, article.question_id)
        card = cards.published_card(article, await self.knowledge_search.authors(article))
        for thread in await self.questions.threads(ctx, question):
            ctx.say(thread, card, key=f"question/{question.id}/published/{ctx.now}/{thread.space.key}")

    async def export(self, member: Member) -> dict[str, Any]:
        articles = await self.knowledge_search.knowledge.by_author(member.id)
        return {"articles": [{"title": article.title, "answer": article.answer} for article in articles]}

    async def erase(self, member: Member) -> None:
        for article in await self.knowledge_search.knowledge.by_author(member.id):
            await self.questions.search.remove(ARTICLE, article.id)
            await self.knowledge_search.knowledge.forget(article.id)


def _version(article: Article) -> str:
    """Return what tells an article's words from earlier ones."""
    return str(int(article.saved_at.timestamp()))
