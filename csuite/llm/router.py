"""Which models may answer a call, in which order: pure, from a plan and the call.

task -> tier -> models of the tier -> those of smaller tiers (a step-down) -> the environment's primary and fallback.
A model that cannot serve the call is left out, and what is asked for is cut to what the model and the caps allow.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from csuite.llm.call import Call
from csuite.llm.capabilities import known
from csuite.llm.errors import InvalidRequest, LLMError, TooLong
from csuite.llm.providers import OPENAI, ORDER, Provider
from csuite.llm.route import Route, model_of
from csuite.llm.tasks import OTHER, TASKS, TIERS, Caps, Task
from csuite.llm.tokens import is_exact, most_tokens, prompt_tokens

ANALYST = "analyst"
LOCAL = "local"
CHEAPEST_FIRST = frozenset({"bulk"})  # tiers in which the price of the call decides, not the order of the list
LEAST_ANSWER = 256  # tokens; a model without so much room after the prompt does not hold the call
SURELY = 0.8  # of an estimated count: a model is kept away only if even so many tokens do not fit


@dataclass(frozen=True, slots=True)
class Plan:
    """All that routing knows beside the call.

    providers: by name. tiers: "provider/model", best first. models: what is said of them otherwise, by the same name.
    closed: providers that are not to be asked. unhealthy: those that did not answer the last check. off: the kill
    switch is on.
    """

    providers: Mapping[str, Provider]
    primary: str = ""
    fallback: str = ""
    tiers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    tasks: Mapping[str, Task] = field(default_factory=lambda: TASKS)
    models: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    closed: frozenset[str] = frozenset()
    unhealthy: frozenset[str] = frozenset()
    off: bool = False

    def caps(self, call: Call) -> Caps:
        return self.tasks.get(call.task, OTHER).caps

    def open(self, name: str) -> bool:
        """Whether there is such a provider and it may be asked."""
        return name in self.providers and name not in self.closed


@dataclass(frozen=True, slots=True)
class Step:
    """A route by name. model "": the provider's own choice."""

    provider: str
    model: str = ""
    tier: str = ""
    step_down: bool = False


def steps(plan: Plan, tier: str) -> list[Step]:
    """Whom to ask, best first, without the analyst. None at all if the operator chose the analyst."""
    if plan.primary == ANALYST:
        return []
    at = TIERS.index(tier) if tier in TIERS else len(TIERS)
    found = _listed(plan, tier)
    for smaller in TIERS[at + 1 :]:
        found += [replace(step, step_down=True) for step in _listed(plan, smaller)]
    found += [Step(name, tier=tier) for name in _environment(plan, alone=not found)]
    if not found:
        found = [step for larger in reversed(TIERS[:at]) for step in _listed(plan, larger)]
    once: dict[tuple[str, str], Step] = {}
    for step in found:
        once.setdefault((step.provider, step.model or _own(plan, step)), step)
    return list(once.values())


def _listed(plan: Plan, tier: str) -> list[Step]:
    """The models of one tier whose providers could be asked."""
    named = [name.partition("/") for name in plan.tiers.get(tier, ())]
    return [
        Step(provider, model, tier)
        for provider, _, model in named
        if plan.open(provider) and plan.providers[provider].usable()
    ]


def _environment(plan: Plan, *, alone: bool) -> list[str]:
    """Primary and fallback; without a primary the first provider with a key, else a local server."""
    names = [name for name in (plan.primary, plan.fallback) if name]
    if not plan.primary and alone:
        first = next((name for name in ORDER if plan.open(name) and plan.providers[name].usable()), LOCAL)
        names = [first, *names]
    return [name for name in dict.fromkeys(names) if name not in plan.closed and name != ANALYST]


def _own(plan: Plan, step: Step) -> str:
    row = plan.providers.get(step.provider)
    return model_of(row) if row else ""


def embedders(plan: Plan, wanted: str | None) -> list[Step]:
    """Who makes vectors: the named provider, else the primary and all others that can."""
    named, _, model = (wanted or "").partition("/")
    names = [named] if named else [plan.primary, *plan.providers]
    rows = [plan.providers[name] for name in dict.fromkeys(names) if plan.open(name)]
    found = [Step(row.name, model or row.setting("EMBEDDING_MODEL") or row.embedding_model) for row in rows]
    return [step for step in found if step.model and _makes_vectors(plan.providers[step.provider])]


def _makes_vectors(row: Provider) -> bool:
    return row.dialect == OPENAI and row.usable()


def healthy_first(routes: Iterable[Route], plan: Plan) -> list[Route]:
    """Those of providers that did not answer the last check go to the end; none is left out."""
    return sorted(routes, key=lambda route: route.provider.name in plan.unhealthy)


def serving(routes: Sequence[Route], plan: Plan, call: Call, *, streamed: bool) -> list[Route]:
    """The routes that can serve the call, with what is asked for cut to size.

    Raises TooLong for a prompt above its cap or too long for every model, InvalidRequest with a sentence if no model
    can do what the call needs. No routes stay no routes.
    """
    if routes:
        _check_cap(plan.caps(call), call, routes[0].model)
    fitting: list[Route] = []
    whys: list[LLMError] = []
    for one in routes:
        try:
            fitting.append(fitted(one, plan, call, streamed=streamed))
        except LLMError as why:
            whys.append(why)
    if whys and not fitting:
        # That it is too long is what the person can change.
        raise next((why for why in whys if isinstance(why, TooLong)), whys[0])
    return fitting


def fitted(route: Route, plan: Plan, call: Call, *, streamed: bool = False) -> Route:
    """The route with its capabilities and its longest answer. Raises TooLong or InvalidRequest if it cannot serve."""
    can = known(route.provider.name, route.model, plan.models)
    if not can.enabled:
        raise _unable(route, f"{route.name} is switched off", "The model that was asked for is switched off.")
    lacking = can.lacks(call, streamed=streamed)
    if lacking:
        raise _unable(route, f"{route.name} cannot {lacking}", f"None of the models that can be reached can {lacking}.")
    most = [tokens for tokens in (can.max_output, plan.caps(call).completion) if tokens]
    answer = min([route.max_tokens, *most])
    if can.window is not None and call.task != "embed":
        answer = _room(route, call, can.window, answer)
    return replace(route, max_tokens=answer, window=can.window, capabilities=can)


def _unable(route: Route, detail: str, sentence: str) -> InvalidRequest:
    return InvalidRequest(detail, provider=route.provider.name, model=route.model, sentence=sentence)


def _room(route: Route, call: Call, window: int, answer: int) -> int:
    """The tokens of the answer that fit behind the prompt. Raises TooLong if there is no room for one."""
    if most_tokens(call) + answer <= window:
        return answer
    prompt = prompt_tokens(route.model, call)
    least = min(answer, LEAST_ANSWER)
    surely = prompt if is_exact(route.model) else int(prompt * SURELY)
    if surely + least > window:
        raise TooLong(f"{prompt} tokens do not fit into {window}", provider=route.provider.name, model=route.model)
    return max(least, min(answer, window - prompt))


def _check_cap(caps: Caps, call: Call, model: str) -> None:
    if caps.prompt is None or most_tokens(call) <= caps.prompt:
        return
    prompt = prompt_tokens(model, call)
    if prompt > caps.prompt:
        raise TooLong(
            f"{prompt} prompt tokens for {call.task}, and {caps.prompt} are allowed",
            sentence=f"This is too long for one question: about {prompt:,} tokens, and {caps.prompt:,} are allowed. "
            "Please shorten it, or ask in parts.",
        )
