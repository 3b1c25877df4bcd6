"""Rate limits (csuite/tenants/limits.py). Windows are a day long here, so that none ends within a test."""

import multiprocessing
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connections
from django.test import RequestFactory, override_settings
from structlog.testing import capture_logs

from csuite.tenants import limits
from csuite.tenants.models import Limit, Membership, Tenant
from csuite.tenants.pgcache import PostgresCache
from csuite.tenants.problems import Problem
from csuite.tenants.seeds import DEFAULT_LIMITS, INNER_LIMITS
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
DAY = 86_400


def limit(name: str, amount: int, *, plan: str = "", tenant: Tenant | None = None) -> None:
    Limit.objects.update_or_create(name=name, plan=plan, tenant=tenant, defaults={"amount": amount, "seconds": DAY})


def allowed(tries: int, name: str = "chat", key: str = "k", tenant: Tenant | None = None) -> int:
    """How many of so many tries pass."""
    return sum(not limits.take(name, key, tenant).exceeded for _ in range(tries))


def test_the_defaults_are_those_of_the_requirements() -> None:
    held = {row.name: (row.amount, row.seconds) for row in Limit.objects.filter(tenant=None, plan="")}
    assert held == DEFAULT_LIMITS | INNER_LIMITS
    assert held["chat"] == (10, 60)
    assert held["api"] == (100, 900)
    assert held["expensive"] == (5, 3600)
    assert held["user_minute"] == (30, 60)
    assert held["user_day"] == (14_400, DAY)


def test_a_tenants_limit_goes_before_its_plans_and_that_before_the_default(cast: Cast) -> None:
    limit("chat", 1)
    limit("chat", 2, plan="standard")
    limit("chat", 3, tenant=cast.acme)
    limit("chat", 9, plan="other")
    assert limits.rates(["chat"], None)["chat"].amount == 1
    assert limits.rates(["chat"], cast.rival)["chat"].amount == 2
    assert limits.rates(["chat"], cast.acme)["chat"].amount == 3


def test_a_deleted_row_falls_back_to_the_default() -> None:
    Limit.objects.all().delete()
    assert limits.rates(["chat"], None)["chat"] == limits.Rate(10, 60)


def test_as_many_as_allowed_pass_and_no_more() -> None:
    limit("chat", 3)
    assert allowed(5) == 3
    assert allowed(5, key="another") == 3


def test_zero_lets_nothing_pass() -> None:
    limit("chat", 0)
    assert allowed(2) == 0


def test_check_says_when_to_try_again_and_logs_one_line() -> None:
    limit("api", 1)
    assert limits.check("api", "k").remaining == 0
    with capture_logs() as lines, pytest.raises(Problem) as refused:
        limits.check("api", "k")
    assert refused.value.code == "rate_limited"
    assert refused.value.status == 429
    assert refused.value.retry_after is not None
    assert 0 < refused.value.retry_after <= DAY
    assert refused.value.headers["RateLimit-Limit"] == "1"
    assert refused.value.headers["RateLimit-Remaining"] == "0"
    assert refused.value.headers["Retry-After"] == refused.value.headers["RateLimit-Reset"]
    assert [(line["event"], line["limit"], line["key"]) for line in lines] == [("rate_limited", "api", "k")]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 second"), (59, "59 seconds"), (90, "90 seconds"), (120, "2 minutes"), (7300, "2 hours")],
)
def test_waiting_times_read_well(seconds: int, words: str) -> None:
    assert f"try again in {words}." in limits.Usage("x", 1, 2, seconds, DAY).problem().message


def test_a_changed_limit_keeps_what_was_used() -> None:
    limit("chat", 2)
    assert allowed(2) == 2
    limit("chat", 3)
    assert allowed(2) == 1


def test_a_limit_shrinks_and_comes_back_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    def amount() -> int:
        return limits.rates(["chat"], None)["chat"].amount

    limit("chat", 10)
    now = time.time()
    monkeypatch.setattr(limits, "time", SimpleNamespace(time=lambda: now, monotonic=time.monotonic))
    limits.shrink("chat", 0.3, step=0.2, every=60)
    assert amount() == 3
    now += 59
    assert amount() == 3
    now += 1
    assert (amount(), limits.factor("chat")) == (5, 0.5)
    now += 600
    assert (amount(), limits.factor("chat")) == (10, 1.0)
    limits.shrink("chat", 0.01, step=0.1, every=60)
    assert amount() == 1
    limit("chat", 0)
    assert limits.rates(["chat"], None)["chat"].amount == 0


def test_the_tenants_chat_limit_holds_for_all_its_people_together(cast: Cast) -> None:
    limit("chat", 3)
    for user in (cast.alice, cast.bob, cast.fiona):
        limits.take_chat(cast.member(user))
    with pytest.raises(Problem):
        limits.take_chat(cast.member(cast.bob))
    limits.take_chat(cast.member(cast.charlie))


def test_who_is_over_her_own_limit_takes_nothing_from_her_company(cast: Cast) -> None:
    limit("user_minute", 1)
    limit("chat", 2)
    limits.take_chat(cast.member(cast.bob))
    for _ in range(5):
        with pytest.raises(Problem, match="within a minute"):
            limits.take_chat(cast.member(cast.bob))
    limits.take_chat(cast.member(cast.alice))


def chats(member: Membership, tries: int) -> int:
    """How many of so many questions pass."""
    passed = 0
    for _ in range(tries):
        try:
            limits.take_chat(member)
            passed += 1
        except Problem:
            pass
    return passed


def test_the_headers_of_a_refused_question_are_those_of_the_limit_it_broke(cast: Cast) -> None:
    limit("chat", 1)
    limits.take_chat(cast.member(cast.bob))
    with capture_logs() as lines, pytest.raises(Problem) as refused:
        limits.take_chat(cast.member(cast.bob))
    assert refused.value.headers["RateLimit-Limit"] == "1"
    assert 0 < int(refused.value.headers["Retry-After"]) <= DAY
    assert [(line["limit"], line["key"]) for line in lines] == [("chat", str(cast.acme.id))]


def test_a_question_is_counted_in_one_statement_and_on_its_own_connection(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    member = cast.member(cast.bob)
    limits.take_chat(member)
    ran: list[str] = []
    real = PostgresCache._run

    def run(self: PostgresCache, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        ran.append(statement)
        return real(self, statement, **values)

    monkeypatch.setattr(PostgresCache, "_run", run)
    with django_assert_num_queries(0):
        limits.take_chat(member)
    assert len(ran) == 1


@pytest.mark.parametrize("at_once", [True, False])
def test_a_cache_that_counts_one_by_one_counts_the_same(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    if not at_once:
        monkeypatch.delattr(PostgresCache, "count_in_turn")
    limit("user_minute", 3)
    limit("chat", 5)
    assert chats(cast.member(cast.bob), 6) == 3
    assert chats(cast.member(cast.alice), 6) == 2
    used = {one.name: one.used for one in limits.standing(cast.member(cast.bob))}
    assert (used["user_minute"], used["user_day"], used["chat"]) == (6, 3, 6)


@pytest.mark.django_db(transaction=True)
def test_questions_side_by_side_get_exactly_what_is_allowed(cast: Cast) -> None:
    limit("chat", 7)
    people = [cast.member(user) for user in (cast.alice, cast.bob, cast.fiona)]
    limits.take_chat(people[0])

    def ask(number: int) -> int:
        try:
            return chats(people[number % 3], 1)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(12) as threads:
        assert sum(threads.map(ask, range(30))) == 6


def test_a_limit_changed_here_holds_at_once_and_elsewhere_soon(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    member = cast.member(cast.bob)
    limit("chat", 0)
    assert chats(member, 1) == 0
    limit("chat", 9)
    assert chats(member, 1) == 1
    Limit.objects.filter(name="chat").update(amount=0)  # as another process: no signal reaches us
    assert chats(member, 1) == 1
    monkeypatch.setattr(limits, "_RATES_KEPT", -1.0)
    limits._forget_rates()
    assert chats(member, 1) == 0


def test_the_daily_limit_holds(cast: Cast) -> None:
    limit("user_day", 0)
    with pytest.raises(Problem, match="for today"):
        limits.take_chat(cast.member(cast.bob))


def test_expensive_operations_are_the_companys(cast: Cast) -> None:
    limit("expensive", 1)
    limits.take_expensive(cast.member(cast.bob))
    with pytest.raises(Problem, match="Large operations"):
        limits.take_expensive(cast.member(cast.alice))


def test_looking_counts_nothing(cast: Cast) -> None:
    member = cast.member(cast.bob)
    limits.take_chat(member)
    for _ in range(3):
        standing = {one.name: one for one in limits.standing(member)}
    assert standing["chat"].used == 1
    assert standing["user_day"].used == 1
    assert standing["expensive"].used == 0
    assert set(standing) == set(DEFAULT_LIMITS)


def test_a_counter_that_cannot_be_read_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(cache._connections["default"]), "add", lambda *args, **kwargs: False)  # type: ignore[attr-defined]
    assert limits.take("chat", "k").exceeded


@pytest.mark.django_db(transaction=True)
def test_threads_together_get_exactly_what_is_allowed() -> None:
    limit("chat", 10)

    def one(_: int) -> int:
        try:
            return allowed(1)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as threads:
        assert sum(threads.map(one, range(40))) == 10


def _in_a_process(queue: Any) -> None:
    connections.close_all()
    queue.put(allowed(10))


@pytest.mark.django_db(transaction=True)
def test_processes_together_get_exactly_what_is_allowed() -> None:
    limit("chat", 7)
    connections.close_all()  # a forked process must not inherit an open one
    fork = multiprocessing.get_context("fork")
    queue = fork.SimpleQueue()
    processes = [fork.Process(target=_in_a_process, args=(queue,)) for _ in range(3)]
    for process in processes:
        process.start()
    counts = [queue.get() for _ in processes]
    for process in processes:
        process.join()
    assert sum(counts) == 7


def test_a_claimed_address_counts_only_behind_our_own_proxy() -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": "6.6.6.6, 7.7.7.7"})
    assert limits.address(request) == "10.0.0.1"
    with override_settings(TRUST_PROXY=True):
        assert limits.address(request) == "7.7.7.7"
        assert limits.address(RequestFactory().get("/", REMOTE_ADDR="10.0.0.1")) == "10.0.0.1"
    assert limits.address(RequestFactory().get("/", REMOTE_ADDR="")) == "unknown"
