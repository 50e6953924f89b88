"""Who may do what: every command by the role that it takes, who holds which role, and what gives it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from adapters.contract.commands import Role
from adapters.contract.text import Code, Text, Words, join, label, labelled, say
from bot.kernel.actions import CommandAction
from bot.kernel.registry import Bound
from bot.kernel.roles import RoleMap
from storage.members import Member

from .contract import DashboardPage, Row, Section, View, Visit

NAMES = {
    Role.GUEST: say("Everyone, guests too"),
    Role.NEWCOMER: say("Newcomers who aren't let in yet"),
    Role.MEMBER: say("Members"),
    Role.AGENT: say("Support agents"),
    Role.MODERATOR: say("Moderators"),
    Role.ADMIN: say("Admins"),
}


class Rights:
    """The page that answers “who may do what?”, read off what commands themselves ask for."""

    def __init__(self, commands: Mapping[str, Bound], roles: RoleMap) -> None:
        self._commands = commands
        self._given = {Role.AGENT: roles.agents, Role.MODERATOR: roles.moderators, Role.ADMIN: roles.admins}

    def page(self) -> DashboardPage:
        return DashboardPage("rights", label("Who may do what"), 60, Role.MODERATOR, self._show)

    async def _show(self, visit: Visit) -> View:
        staff = [
            people_row(
                role, await visit.members.with_role(visit.community.id, role.name.lower()), sorted(self._given[role])
            )
            for role in (Role.ADMIN, Role.MODERATOR, Role.AGENT)
        ]
        by_role = [commands_row(role, found) for role in Role if (found := self._of(role))]
        note = say("Each role may also do what those above it may. It's checked each time, also on this page.")
        return View(
            (
                Section(
                    say("People"), staff, "", note=say("As I last saw them. The platform's own word always counts.")
                ),
                Section(
                    say("Commands"),
                    by_role,
                    "",
                    note=note,
                ),
            )
        )

    def _of(self, role: Role) -> list[Text]:
        """Return the commands that take just this role, each with what it does."""
        found = []
        for bound in self._commands.values():
            action = bound.action
            assert isinstance(action, CommandAction)
            if action.role == role:
                does = labelled(action.description)
                found.append(say("{command}: {does}", command=Code(f"/{action.command}"), does=does))
        return found


def people_row(role: Role, people: Sequence[Member], given: Iterable[str]) -> Row:
    """Name who holds a role, and what on a platform gives it."""
    names: Words = join((one.name for one in people), ", ") or say("Nobody")
    facts = ((say("Given by"), join(map(Code, given), ", ")), (say("Held by"), names))
    return Row(NAMES[role], facts=facts)


def commands_row(role: Role, commands: Sequence[Words]) -> Row:
    """Name the commands that take just this role."""
    return Row(NAMES[role], (join(commands),))
