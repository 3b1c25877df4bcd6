"""The running turns of this process. Sockets only watch: closing a tab stops nothing, Stop stops everything."""

import asyncio
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError, IntegrityError
from prometheus_client import Gauge

from csuite.conversations import closing
from csuite.conversations.answering import OUR_FAULT
from csuite.conversations.booking import book_orphan
from csuite.conversations.control import Control
from csuite.conversations.heartbeat import beat
from csuite.conversations.hub import Hub
from csuite.conversations.jobs import TurnJob
from csuite.conversations.markdown import rendered
from csuite.conversations.models import Turn
from csuite.conversations.opening import Ask, Opened, open_turn
from csuite.conversations.preparing import job_of
from csuite.conversations.stopping import Stopping
from csuite.conversations.streamlog import Stream, Writer, listen
from csuite.conversations.sweeper import sweep
from csuite.conversations.turns import run_turn
from csuite.llm.attempt import to_the_end
from csuite.tenants.db import in_db
from csuite.tenants.models import Membership

log = structlog.get_logger(__name__)
running_turns = Gauge("csuite_turns_running", "Turns that this process writes")

SWEEP_EVERY = 3.0  # seconds


@dataclass(slots=True)
class Running:
    job: TurnJob
    stream: Stream
    control: Control
    task: asyncio.Task[None] | None = None


class Runner:
    """One per event loop; `runner()` makes it. `id` is this process in the rows and in notices."""

    def __init__(self) -> None:
        self.id = uuid.uuid4()
        self._tasks: set[asyncio.Task[Any]] = set()
        self.hub = Hub(self.id, self.spawn)
        self.hub.on_stop = self.stop_here
        self.stop = Stopping(self.id, self.hub, self._stop_in, self.spawn).stop
        self.hub.on_waiting = self._waiting
        self.writer = Writer(self.id, self.hub.deliver, self._give_up)
        self.turns: dict[UUID, Running] = {}
        self.draining = False
        self.opening = 0
        following = self.hub.follow_up(settings.TURN_HEARTBEAT)
        for work in (self.writer.run(), self._listen(), following, self._beat(), self._sweep()):
            self.spawn(work)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """A task that is kept alive and whose failure is heard of."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("task_failed", task=task.get_name(), exc_info=task.exception())

    # Asking

    async def ask(
        self, member: Membership, conversation: UUID, ask: Ask, look: Callable[[], Membership] | None = None
    ) -> Opened:
        """Opens the turn and starts or queues it. Raises Problem. The same client id again changes nothing.

        `look` gives the membership as it is now, inside the same transaction, and raises when it no longer holds.
        """
        # To the end even if who asks has gone: a turn that is claimed and not started would run for ever.
        self.opening += 1
        try:
            return await to_the_end(self._ask(member, conversation, ask, look or (lambda: member)))
        finally:
            self.opening -= 1

    async def _ask(self, member: Membership, conversation: UUID, ask: Ask, look: Callable[[], Membership]) -> Opened:
        runner = None if self.draining else self.id

        def work() -> tuple[Opened, TurnJob | None]:
            opened = open_turn(look(), conversation, ask, runner)
            runs = opened.new and opened.turn.status == Turn.Status.RUNNING
            return opened, job_of(opened.turn) if runs else None

        try:
            opened, job = await in_db(work, tenant=member.tenant_id)
        except IntegrityError:  # the same id at the same time in another conversation: now its row is seen
            opened, job = await in_db(work, tenant=member.tenant_id)
        if job is not None:
            self.start(job)
        elif opened.new:
            await self.hub.announce(member.tenant_id, conversation, opened.turn.id)
        return opened

    def start(self, job: TurnJob) -> None:
        stream = Stream(job.tenant, job.conversation, job.turn, [a.message for a in job.written])
        running = self.turns[job.turn] = Running(job, stream, Control())
        self.hub.started(stream)
        self.writer.streams = len(self.turns)
        running_turns.set(len(self.turns))
        running.task = self.spawn(self._run(running))

    async def _run(self, running: Running) -> None:
        job, stream = running.job, running.stream
        try:
            await run_turn(job, stream, self.writer.wake, running.control, rendered)
            await self.writer.drained(stream)
            await self._close(running)
        except Exception:
            # The sweeper will close it from the log: from now on it is read like any other process's.
            log.exception("turn_not_closed", turn=str(job.turn))
            await self.hub.handed_over(job.turn)
        finally:
            self.turns.pop(job.turn, None)
            self.writer.streams = len(self.turns)
            running_turns.set(len(self.turns))

    async def _close(self, running: Running) -> None:
        """Writes the rows, tells the watchers, takes up the next question of the conversation."""
        job, stream = running.job, running.stream
        if stream.failed:
            stream.number_rest()
        answers = [
            (a.outcome, closing.Seen(a.seq_started, a.seq_text, a.seq_finished))
            for a in stream.answers.values()
            if a.outcome is not None
        ]
        last = stream.seq + 1

        def work() -> bool:
            ending = closing.Ending(job.tenant, job.conversation, job.turn, self.id, last)
            closing.close_turn(ending, answers, by=self.id)
            return closing.waiting(job.tenant, job.conversation)

        try:
            waiting = await self._persist(work, job.tenant)
        except closing.NotOurs:
            log.warning("turn_taken_over", turn=str(job.turn))
            await self.hub.handed_over(job.turn)
            return
        if stream.failed:  # the watchers have not seen all that the rows say
            await self.hub.handed_over(job.turn)
        else:
            self.hub.ended(job.turn, last)
        if waiting:
            self._waiting(job.conversation)

    async def _persist(self, work: Callable[[], bool], tenant: UUID) -> bool:
        """Tries again while the database is away, for as long as the sweeper would leave the turn to us."""
        pause = 0.1
        for left in range(20, -1, -1):
            try:
                return await in_db(work, tenant=tenant)
            except DatabaseError:
                if not left:
                    raise
                log.warning("close_turn_retry")
                await asyncio.sleep(pause)
                pause = min(pause * 2, 2.0)
        return False

    # Stopping

    def _stop_in(self, conversation: UUID, turn: UUID, message: UUID | None) -> bool:
        held = self.turns.get(turn)
        return held is not None and held.job.conversation == conversation and self.stop_here(turn, message)

    def stop_here(self, turn: UUID, message: UUID | None) -> bool:
        running = self.turns.get(turn)
        if running is None:
            return False
        running.control.stop(message)
        return True

    def _give_up(self, stream: Stream) -> None:
        running = self.turns.get(stream.turn)
        if running is not None:
            running.control.interrupt()

    # Living on

    async def _listen(self) -> None:
        await listen(self.id, self.hub.hear, self.hub.refresh_all)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(settings.TURN_HEARTBEAT)
            held = list(self.turns)
            if not held:
                continue
            try:
                alive = await in_db(beat, self.id, held, platform="heartbeat")
            except DatabaseError:
                log.warning("heartbeat_missed")
                continue
            for turn in held:
                if not alive.get(turn, True):
                    self.stop_here(turn, None)

    async def _sweep(self) -> None:
        """Every process looks for the orphans of others; whoever locks one closes it and takes up its queue."""
        while True:
            await asyncio.sleep(SWEEP_EVERY)
            if self.draining:
                continue
            try:
                swept = await in_db(sweep, self.id, platform="sweeper")
            except DatabaseError:
                log.warning("sweep_missed")
                continue
            for turn in swept.claimed:
                self.spawn(self._begin(turn))
            for turn, left in swept.closed:
                self.spawn(book_orphan(turn.tenant_id, turn.id, left))

    def _waiting(self, conversation: UUID) -> None:
        self.spawn(self._take_up(conversation))

    async def _take_up(self, conversation: UUID) -> None:
        """A question waits: whichever process locks the conversation first runs it."""
        if not self.draining:
            turn = await in_db(closing.claim_next, conversation, self.id, platform="take up")
            if turn is not None:
                await self._begin(turn)

    async def _begin(self, turn: Turn) -> None:
        """Starts a claimed turn. One that cannot be prepared fails, or it would hold up its queue for ever."""
        try:
            job, is_wanted = await in_db(_load, turn.id, self.id, tenant=turn.tenant_id)
        except DatabaseError:
            raise  # no heartbeat comes, so the sweeper finds it
        except Exception:
            log.exception("turn_not_prepared", turn=str(turn.id))
            await in_db(closing.fail_turn, turn.id, OUR_FAULT, tenant=turn.tenant_id)
            await self.hub.announce(turn.tenant_id, turn.conversation_id, turn.id)
            self._waiting(turn.conversation_id)
            return
        self.start(job)
        if not is_wanted:
            self.stop_here(turn.id, None)

    async def drain(self, grace: float = 30.0) -> None:
        """Takes nothing new, lets the running turns end for `grace` seconds, then interrupts them, text kept."""
        self.draining = True
        over = asyncio.get_running_loop().time() + grace
        while (self.turns or self.opening) and asyncio.get_running_loop().time() < over:  # noqa: ASYNC110 - once
            await asyncio.sleep(0.02)
        for running in list(self.turns.values()):
            running.control.interrupt()
        tasks = [r.task for r in self.turns.values() if r.task]
        if tasks:
            await asyncio.wait(tasks, timeout=5)

    async def close(self) -> None:
        """Ends the tasks of this runner; for tests and the end of the process."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _load(turn: UUID, runner: UUID) -> tuple[TurnJob, bool]:
    """The claimed turn's job, and whether anybody wants it any more."""
    job = job_of(Turn.objects.select_related("question").get(id=turn))
    return job, beat(runner, [turn]).get(turn, True)


_runners: dict[asyncio.AbstractEventLoop, Runner] = {}


def existing(loop: asyncio.AbstractEventLoop) -> Runner | None:
    """The loop's runner, if anybody asked or watched yet."""
    return _runners.get(loop)


def runner() -> Runner:
    """The runner of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _runners.get(loop)
    if found is None:
        for old in [old for old in _runners if old.is_closed()]:
            del _runners[old]
        found = _runners[loop] = Runner()
    return found
