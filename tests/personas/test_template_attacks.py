"""Forty ways to break out of a prompt, to read what is not given, or to eat the machine: all are refused, cheaply."""

import tracemalloc

import pytest

from csuite.personas.templating import PromptError, check, render

GIVEN = {"title": "Chief", "data": "x" * 1000, "rows": list(range(1000)), "t": [[1] * 100] * 100}

ATTACKS = [
    # out of the sandbox
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ title.__class__.__base__ }}",
    "{{ title|attr('__class__') }}",
    "{{ title['__class__'] }}",
    "{{ (title).__init__.__globals__ }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__['os'] }}",
    "{{ joiner.__init__ }}",
    "{{ namespace.__init__ }}",
    "{{ dict.mro() }}",
    "{{ request.application.__globals__ }}",
    "{{ config.items() }}",
    "{{ settings.SECRET_KEY }}",
    "{{ title.format(x=1) }}",
    "{{ '{0.__class__}'.format(title) }}",
    "{{ title.format_map(rows) }}",
    "{% set x = title.__class__ %}{{ x }}",
    "{% with x = title %}{{ x }}{% endwith %}",
    "{% import 'os' as os %}{{ os.environ }}",
    "{% from 'os' import environ %}",
    "{% include '/etc/passwd' %}",
    "{% extends title %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% call title() %}{% endcall %}",
    "{% filter upper %}{{ data }}{% endfilter %}",
    "{{ title() }}",
    "{{ rows.append(1) }}",
    "{{ rows.__iter__ }}",
    "{{ rows|map(attribute='__class__')|list }}",
    "{{ rows|selectattr('real')|list }}",
    # too much of anything
    "{{ 'x' * 10 ** 9 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ '%999999999s' % title }}",
    "{{ range(10 ** 9)|list }}",
    "{{ data|center(10 ** 9) }}",
    "{{ data|indent(10 ** 9) }}",
    "{{ (data ~ data) ~ data }}",
    "{{ data|replace('x', data) }}",
    "{{ data|wordwrap(1) }}",
    "{% for a in rows %}{% for b in rows %}{% for c in rows %}x{% endfor %}{% endfor %}{% endfor %}",
    "{% for a in rows recursive %}{{ loop(rows) }}{% endfor %}",
    "{% for a in rows %}{% for b in rows %}{{ data }}{% endfor %}{% endfor %}",
    "{{ " + "(" * 2000 + "title" + ")" * 2000 + " }}",
    "{{ title" + "|upper" * 4000 + " }}",
    "{% if title %}" * 2000 + "{% endif %}" * 2000,
    "{{ title }}" * 20_000,
    "{{ rows|join(data) }}",
    "{{ data|join(data)|join(data)|length }}",
    "{% for a in data %}{% for b in data %}{% if a == 'y' %}x{% endif %}{% endfor %}{% endfor %}",
    "{% for a in rows %}{% for b in data %}{% endfor %}{% endfor %}",
    "{{ 'counted rounds' }}{{ rows|counted rounds }}",
]


def outcome(body: str) -> str:
    """Refused when it is saved, or else when it is filled."""
    try:
        check(body, (), known=("title", "data", "rows", "t"))
        render(body, GIVEN)
    except PromptError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("body", ATTACKS, ids=lambda body: body[:40])
def test_an_attack_is_refused_with_a_sentence(body: str) -> None:
    assert outcome(body), "this was rendered"


def test_no_attack_takes_much_memory() -> None:
    tracemalloc.start()
    try:
        for body in ATTACKS:
            tracemalloc.reset_peak()
            before, _ = tracemalloc.get_traced_memory()
            outcome(body)
            _, peak = tracemalloc.get_traced_memory()
            assert peak - before < 10 << 20, body[:60]
    finally:
        tracemalloc.stop()
