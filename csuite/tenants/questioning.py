"""The door of async views in which a program asks a model."""

from collections.abc import Callable
from typing import TypeVar

from asgiref.sync import sync_to_async

from csuite.tenants.db import in_db
from csuite.tenants.limits import take_chat
from csuite.tenants.middleware import MemberRequest, give_back_connections
from csuite.tenants.models import Membership
from csuite.tenants.problems import Problem

R = TypeVar("R")


async def let_in(request: MemberRequest, read: Callable[[Membership], R]) -> R:
    """Takes one of `chat` and gives what `read` reads of the member. Raises Problem.

    After it the request holds no connection to the database.
    """
    if request.content_type != "application/json":
        raise Problem("bad_frame", "Send JSON.")
    found: R = await in_db(_taken, request.member, read)
    await sync_to_async(give_back_connections)()
    return found


def _taken(member: Membership, read: Callable[[Membership], R]) -> R:
    take_chat(member)
    return read(member)
