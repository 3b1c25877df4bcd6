"""Who answers now: the chain a question takes, the switches and circuits in its way, the last check of each."""

from collections.abc import Mapping

from asgiref.sync import async_to_sync
from django.urls import reverse

from csuite.llm import breaker, conf
from csuite.llm.call import Call
from csuite.llm.errors import LLMError
from csuite.llm.providers import table
from csuite.llm.registry import ANALYST, EnvRegistry, Route, from_settings
from csuite.llm.router import Plan
from csuite.llm.state import Circuit
from csuite.pages.console.panel import BAD, GOOD, WARN, Line, Panel
from csuite.providers.catalogue import KILL_SWITCH, Catalogue, current, planned
from csuite.providers.models import ProviderHealth
from csuite.tenants.models import Flag

SHOWN = 4  # routes; nobody needs the whole chain here


class Fixed(EnvRegistry):
    """Routes by a plan that is known already, so that the page reads the rows once."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    async def plan(self, call: Call) -> Plan:
        return self._plan


def panels() -> list[Panel]:
    """Reads the catalogue once for both."""
    rows, off = current("")
    plan = planned(from_settings(), rows, off=off)
    circuits = async_to_sync(breaker.standing)()
    return [_chain(plan, rows, circuits, off), _providers(plan, circuits)]


def _chain(plan: Plan, rows: Catalogue, circuits: Mapping[str, Circuit], off: bool) -> Panel:
    lines = [_switch(off), Line("Release", rows.release or "none: settings decide", url=_list("providers_release"))]
    try:
        routes = async_to_sync(Fixed(plan).routes)(Call(), None)
    except LLMError as error:
        return Panel("Who answers", [*lines, Line("Nobody", error.sentence, BAD)])
    lines += [_route(place, route, circuits, plan.off) for place, route in enumerate(routes[:SHOWN], 1)]
    return Panel("Who answers", lines, url=_list("providers_tasksetting"), more="Tiers and tasks")


def _switch(off: bool) -> Line:
    """Both switches: the flag, for every process at once, and the setting."""
    flag = Flag.objects.filter(name=KILL_SWITCH).values_list("pk", flat=True).first()
    url = reverse("admin:tenants_flag_change", args=[flag]) if flag else _list("tenants_flag")
    if not conf.value("ENABLED"):
        return Line("Kill switch", "on, by LLM_ENABLED: the analyst answers", BAD, url)
    if off:
        return Line("Kill switch", f"on, by the flag {KILL_SWITCH}: the analyst answers", BAD, url)
    return Line("Kill switch", "off: models are asked", GOOD, url)


def _route(place: int, route: Route, circuits: Mapping[str, Circuit], off: bool) -> Line:
    circuit = circuits.get(route.provider.name)
    title = "First" if place == 1 else f"Then, {place}"
    named = route.model and route.provider.name != ANALYST
    words = f"{route.provider.title}: {route.model}" if named else route.provider.title
    if circuit is not None:
        return Line(title, f"{words}, passed over: its circuit is open", WARN)
    alone = place == 1 and route.provider.name == ANALYST
    why = "the kill switch is on" if off else "no language model is connected"
    return Line(title, f"{words}, for {why}" if alone else words, WARN if alone else "")


def _providers(plan: Plan, circuits: Mapping[str, Circuit]) -> Panel:
    checks = {row.provider: row for row in ProviderHealth.objects.all()}
    used = [name for name, row in table().items() if row.usable() and name not in (*breaker.WITHOUT, "local")]
    names = [*used, *sorted((checks.keys() | circuits.keys()) - set(used) - breaker.WITHOUT)]
    lines = [_provider(name, plan, checks.get(name), circuits.get(name)) for name in names]
    empty = "No provider has a key, so none is asked."
    return Panel("Providers", lines, empty, _list("providers_providersetting"), "Providers, keys and tests")


def _provider(name: str, plan: Plan, check: ProviderHealth | None, circuit: Circuit | None) -> Line:
    title = table()[name].title if name in table() else name
    if name in plan.closed:
        return Line(title, "switched off, or its address is not allowed", WARN)
    if circuit is not None:
        until = "being tried again" if circuit.probing else f"not asked for {circuit.left:.0f} s"
        return Line(title, f"circuit open ({circuit.kind}), {until}", BAD)
    if check is None:
        return Line(title, "not checked yet")
    if not check.ok:
        return Line(title, f"the last check failed ({check.error})", BAD)
    return Line(title, f"answered in {check.latency_ms} ms", GOOD)


def _list(name: str) -> str:
    return reverse(f"admin:{name}_changelist")
