"""What the community knows already: solved questions and knowledge-base articles."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from adapters.contract.text import Words
from adapters.contract.ui import Card
from bot.delivery.addressing import mention
from bot.kernel.work import Work
from storage.knowledge import Article, KnowledgeStore
from storage.offered import OfferedStore
from storage.questions import UNSETTLED, Question, State
from storage.search import ACCEPTED, Hit
from storage.words import folded

from .cards import Found, Known, View, known_card, same_card
from .offering import LOOKED_BACK, least, worth_showing
from .service import Questions
from .trusted import TRUST, Answer, best_answer

QUESTION, ARTICLE = "question", "article"
FOUND = 8
THE_SAME = 0.75
"""How much two questions have to share, each of what it says, to ask the same."""


class KnowledgeSearch:
    """Finds what may answer a question, and what a search is after."""

    def __init__(self, questions: Questions, knowledge: KnowledgeStore, offered: OfferedStore) -> None:
        self.questions = questions
        self.knowledge = knowledge
        self.offered = offered

    async def similar(self, work: Work, title: str, details: str) -> list[Known]:
        """Return the settled questions that may answer one, articles in their place where there are.

        That is one that surely does, a few that may, or nothing.
        """
        kinds = (ARTICLE, QUESTION)
        hits = await self.questions.search.find(work.community.id, title, kinds, 20, details=details)
        answered = await self._answered(await self._behind(hits, (State.SOLVED,)))
        if not answered:
            return []
        trusted = {hit: TRUST[answer.weight] for hit, (_, _, answer) in answered.items()}
        shown = worth_showing(trusted, await self.least(work))
        found = [answered[hit] for hit, _ in shown]
        by = [answer.member_id or 0 for _, _, answer in found]
        views = await self.questions.views(work, [question for question, _, _ in found], by)
        helped = await self.offered.helped([question.id for question, _, _ in found])
        return [
            Known(
                question,
                title,
                answer,
                view.person(answer.member_id or question.asker_id),
                view.link,
                helped.get(question.id, 0),
                chance,
            )
            for view, (_, chance), (question, title, answer) in zip(views, shown, found, strict=True)
        ]

    async def _answered(
        self, behind: Sequence[tuple[Hit, Question, Article | None]]
    ) -> dict[Hit, tuple[Question, str, Answer]]:
        """Return what has an answer that can be shown, with its title: an article's, or the best of the question's."""
        closed = [question.id for _, question, _ in behind if question.state is State.CLOSED]
        replies = await self.questions.replies.of_questions(closed)
        answered = {}
        for hit, question, article in behind:
            answer = best_answer(question, replies.get(question.id, ()))
            if article and question.state is State.SOLVED:
                at = question.solved_at or question.active_at
                answer = Answer(article.answer, question.solver_id, at, ACCEPTED)
            if answer:
                answered[hit] = (question, article.title if article else question.title, answer)
        return answered

    async def least(self, work: Work) -> float:
        """Return from which probability on a known answer is shown in this community."""
        return least(await self.offered.since(work.community.id, work.now - LOOKED_BACK))

    async def first(self, work: Work, known: Sequence[Known], draft: Question, *, soon: bool = False) -> Card | None:
        """Return what an asker is shown before their question is posted: what is known, or who asks the same now.

        It goes on `soon` by itself if they do not look.
        """
        if known:
            await self.offered.note(work.community.id, draft.id, known[0].question.id, known[0].chance, work.now)
            return known_card(known, draft, soon=soon)
        same = None if draft.private else await self._asked_now(work, draft)
        return same_card(same, draft, soon=soon) if same else None

    async def _asked_now(self, work: Work, draft: Question) -> View | None:
        """Return the open question that asks the same, if there is one; of the asker's own, in the same words."""
        hits = await self.questions.search.find(work.community.id, draft.title, (QUESTION,), 20)
        same = [hit for hit in hits if min(hit.fit.covered, hit.fit.titled) >= THE_SAME]
        found = await self.questions.store.get_many([hit.subject_id for hit in same])
        now = [found[hit.subject_id] for hit in same if hit.subject_id in found]
        open_ = [
            one
            for one in now
            if one.state in UNSETTLED and (one.asker_id != draft.asker_id or folded(one.title) == folded(draft.title))
        ]
        return await self.questions.view(work, open_[0]) if open_ else None

    async def _behind(
        self, hits: Sequence[Hit], with_articles: Collection[State] = tuple(State)
    ) -> list[tuple[Hit, Question, Article | None]]:
        """Return the questions that hits are about, each once, in some states with the published article on it."""
        articles = await self.knowledge.get_many([hit.subject_id for hit in hits if hit.kind == ARTICLE])
        best: dict[int, Hit] = {}
        for hit in hits:
            article = articles.get(hit.subject_id) if hit.kind == ARTICLE else None
            if article or hit.kind == QUESTION:
                best.setdefault(article.question_id if article else hit.subject_id, hit)
        questions = await self.questions.store.get_many([*best])
        resting = await self.knowledge.of_questions(
            [one.id for one in questions.values() if one.state in with_articles]
        )
        published = {id_: article for id_, article in resting.items() if article.published_at}
        return [(hit, questions[id_], published.get(id_)) for id_, hit in best.items() if id_ in questions]

    async def find(self, work: Work, query: str) -> list[Found]:
        """Return what a search finds, the best first."""
        hits = await self.questions.search.find(work.community.id, query, (ARTICLE, QUESTION), FOUND * 2)
        behind = [one for one in await self._behind(hits) if one[1].state not in (State.DROPPED, State.DRAFT)][:FOUND]
        views = await self.questions.views(work, [question for _, question, _ in behind])
        return [
            Found.of_article(article, await self.authors(article), view.link) if article else Found.of_question(view)
            for view, (_, _, article) in zip(views, behind, strict=True)
        ]

    async def authors(self, article: Article) -> Sequence[Words]:
        """Return an article's authors by name."""
        people = await self.questions.members.get_many(article.authors)
        return [mention(people[id_]) for id_ in article.authors if id_ in people]
