"""What every address answers, to whom. A new address needs a row here (tests/test_every_url.py fails until then).

A row gives the status of an empty GET and an empty POST for six people, in this order: nobody, Charlie (executive of
another company), Bob (executive; the objects are his), Fiona (finance), Alice (admin), Root (platform staff).
"""

PEOPLE = ("nobody", "charlie", "bob", "fiona", "alice", "root")
Statuses = tuple[int, int, int, int, int, int]


def everybody(status: int) -> Statuses:
    return (status, status, status, status, status, status)


def signed_in(status: int, nobody: int = 302) -> Statuses:
    return (nobody, status, status, status, status, status)


def members(status: int, nobody: int = 302, root: int = 403) -> Statuses:
    return (nobody, status, status, status, status, root)


def finance(status: int) -> Statuses:
    """Finance and admins."""
    return (302, 403, 403, status, status, 403)


def admins(status: int) -> Statuses:
    """Tenant admins; the objects are their company's."""
    return (302, 403, 403, 403, status, 403)


def acmes_finance(status: int) -> Statuses:
    """Finance and admins of the company that it belongs to."""
    return (302, 403, 403, status, status, 403)


def acmes(status: int) -> Statuses:
    """Every member of the company that it belongs to."""
    return (302, 404, status, status, status, 403)


def bobs_or_admins(status: int) -> Statuses:
    """Who began it, and the administrators of the company; colleagues see it and may not change it."""
    return (302, 404, status, 403, status, 403)


def bobs(status: int, root: int = 403) -> Statuses:
    """The owner's alone: for all others it does not exist."""
    return (302, 404, status, 404, 404, root)


def staff(status: int, others: int = 302) -> Statuses:
    return (others, others, others, others, others, status)


REPORTS = (
    "cost-per-deal", "model-selection", "task-performance", "cache-effectiveness", "cost-trend",
    "provider-comparison", "token-efficiency", "compression-effectiveness", "error-analysis", "cycle-breakdown",
)  # fmt: skip
LETTERS = (
    "compliance", "draft-email", "draft-reminder", "order-received", "summarize-deal", "summarize-deals",
    "summarize-notes",
)  # fmt: skip
NOBODY = "00000000-0000-4000-8000-000000000000"
NO = everybody(405)  # no such method here

TABLE: dict[str, tuple[Statuses, Statuses]] = {
    # route: (GET, POST)
    "": ((302, 200, 200, 200, 200, 302), NO),
    "healthz": (everybody(200), NO),
    "readyz": (everybody(200), NO),
    "metrics": (everybody(403), NO),
    "insights/": (members(200), NO),
    "insights/<uuid:insight>/dismiss/": (NO, acmes(302)),
    "insights/<uuid:insight>/snooze/": (NO, acmes(302)),
    "insights/<uuid:insight>/bring-back/": (NO, acmes(302)),
    "pipeline/": (members(200), NO),
    "pipeline/deals/new/": (members(200), members(400)),
    "pipeline/deals/<uuid:deal>/": (acmes(200), acmes(409)),
    "pipeline/deals/<uuid:deal>/stage/": (NO, acmes(400)),
    "pipeline/deals/<uuid:deal>/notes/": (NO, acmes(400)),
    "pipeline/deals/<uuid:deal>/invoices/": (NO, acmes(400)),
    "pipeline/invoices/<uuid:invoice>/": (acmes(200), acmes(400)),
    # While the flag of deal analysis is off, nobody finds it (tests/pages/test_analysis.py has it on).
    "pipeline/deals/<uuid:deal>/analysis/": (members(404), members(404)),
    "pipeline/forecast.csv": (members(200), NO),
    "pipeline/forecast/notes/": (NO, members(302)),
    "pipeline/forecast/<str:start>/": (members(404), NO),
    "pipeline/deals/<uuid:deal>/forecast/": (acmes(200), acmes(400)),
    "pipeline/invoices/<uuid:invoice>/forecast/": (acmes(200), acmes(400)),
    "pipeline/expected/<uuid:expectation>/undo/": (NO, acmes(302)),
    "pipeline/invoices/<uuid:invoice>/reminder/": ((302, 404, 200, 200, 200, 403), (302, 404, 400, 400, 400, 403)),
    "pipeline/invoices/<uuid:invoice>/reminder/sent/": (NO, (302, 404, 302, 302, 302, 403)),
    "write/": (members(200), NO),
    "write/complete/<slug:of>/": (members(200), NO),
    "write/batches/": (NO, members(400)),
    "write/batches/<uuid:batch>/": (bobs(200), NO),
    "write/batches/<uuid:batch>/stop/": (NO, bobs(302)),
    "write/batches/<uuid:batch>/retry/": (NO, bobs(302)),
    "write/<slug:task>/": (members(200), members(400)),
    "profile/": (members(200), NO),
    "profile/metrics/": (members(200), members(400)),
    "profile/metrics/<slug:metric>/": (members(404), members(404)),
    "profile/interview/": ((302, 200, 200, 403, 200, 403), NO),
    "profile/interview/answer/": (NO, (302, 400, 400, 403, 400, 403)),
    "profile/interview/entry/": (NO, (302, 400, 400, 403, 400, 403)),
    "profile/interview/goal/": (NO, (302, 302, 302, 403, 302, 403)),
    "profile/publish/": (NO, (302, 404, 404, 403, 404, 403)),
    "profile/discard/": (NO, (302, 302, 302, 403, 302, 403)),
    "profile/versions/": (members(200), NO),
    "profile/access/": (signed_in(200), members(400)),
    "profile/access/<uuid:token>/revoke/": (signed_in(405), bobs(302, root=404)),
    "tenants/act/": (signed_in(405), signed_in(404)),
    "people/": (admins(200), admins(400)),
    "people/sign-in/": (admins(200), admins(400)),
    "people/plan/": (admins(200), NO),
    "people/flags/": (admins(200), admins(400)),
    "people/<uuid:member>/": (admins(200), admins(400)),
    "people/invitations/<uuid:invitation>/again/": (NO, admins(302)),
    "people/invitations/<uuid:invitation>/revoke/": (NO, admins(302)),
    "invitations/<uuid:tenant>/<uuid:invitation>/<str:key>/": (everybody(404), everybody(404)),
    "audit/": (admins(200), NO),
    "sign-in-needed/": (everybody(302), signed_in(405)),
    "usage/": (finance(200), NO),
    "usage/calls/": (finance(200), NO),
    "usage/calls.csv": (finance(200), NO),
    "usage/budgets/": (finance(200), finance(400)),
    "usage/budgets/<uuid:budget>/": (acmes_finance(200), acmes_finance(400)),
    "usage/budgets/<uuid:budget>/raise/": ((405, 405, 405, 405, 405, 405), acmes_finance(400)),
    "usage/budgets/raises/<uuid:raised>/end/": ((405, 405, 405, 405, 405, 405), acmes_finance(302)),
    "usage/budgets/<uuid:budget>/remove/": ((405, 405, 405, 405, 405, 405), acmes_finance(302)),
    "usage/calls.xlsx": (finance(200), NO),
    "usage/recalculate/": (NO, finance(400)),
    "usage/alerts/": (finance(200), finance(400)),
    "usage/alerts/<uuid:alert>/acknowledge/": (NO, (302, 403, 403, 302, 302, 403)),
    "usage/alerts/channels/<uuid:channel>/": (NO, finance(400)),
    "imports/": (members(200), members(400)),
    "imports/<uuid:run>/": (acmes(200), NO),
    "imports/<uuid:run>/progress/": (acmes(200), NO),
    "imports/<uuid:run>/mapping/": (NO, bobs_or_admins(400)),
    "imports/<uuid:run>/commit/": (NO, bobs_or_admins(400)),
    "imports/<uuid:run>/undo/": (NO, bobs_or_admins(400)),
    "imports/<uuid:run>/discard/": (NO, bobs_or_admins(302)),
    "conversations/": (members(200), members(302)),
    "conversations/<uuid:conversation>/": (bobs(200), NO),
    "conversations/evidence/<uuid:answer>/<slug:figure>/": (bobs(200), everybody(405)),
    "conversations/<uuid:conversation>/ask/": (everybody(302), bobs(400)),
    "conversations/<uuid:conversation>/rename/": (everybody(302), bobs(400)),
    "conversations/<uuid:conversation>/reword/": (everybody(302), bobs(400)),
    "conversations/<uuid:conversation>/delete/": (everybody(302), bobs(302)),
    "conversations/<uuid:conversation>/choose/": (everybody(302), bobs(404)),
    "boardroom/": (members(200), members(400)),
    "boardroom/estimate/": (NO, members(400)),
    "boardroom/<uuid:board>/": (bobs(200), NO),
    "boardroom/<uuid:board>/again/": (members(302), bobs(404)),
    "decisions/": (members(200), members(400)),
    "decisions/new/": (members(302), NO),
    "decisions/<uuid:decision>/": (acmes(200), NO),
    "decisions/<uuid:decision>/pack.pdf": (acmes(200), NO),
    "decisions/<uuid:decision>/pack.docx": (acmes(200), NO),
    "decisions/<uuid:decision>/change/": (members(302), acmes(400)),
    "decisions/<uuid:decision>/move/": (members(302), acmes(400)),
    "conversations/archive/": (members(200), NO),
    "conversations/restore/": (NO, members(404)),
    "conversations/<uuid:conversation>/pin/": (NO, bobs(302)),
    "conversations/<uuid:conversation>/archive/": (NO, bobs(302)),
    "conversations/<uuid:conversation>/file/": (bobs(200), NO),
    "conversations/<uuid:conversation>/share/": (NO, bobs(400)),
    "exports/": (members(200), members(302)),
    "exports/<uuid:export>/": (bobs(200), NO),
    "shared/": (members(200), NO),
    "shared/<uuid:share>/": (acmes(200), NO),
    "shared/<uuid:share>/revoke/": (NO, (302, 404, 302, 404, 302, 403)),
    "ratings/": (NO, members(404)),
    "search/": (members(200), NO),
    # for programs
    "c-suite/<slug:persona>/chat": (NO, members(400, nobody=401)),
    "api/v1/": (everybody(404), everybody(404)),
    "api/v1/openapi.json": (everybody(200), everybody(200)),
    "api/v1/docs": (everybody(200), everybody(200)),
    "api/v1/admin/flags": ((401, 403, 403, 403, 200, 200), NO),
    "api/v1/deals": (members(200, nobody=401), NO),
    "api/v1/deals/<reference>": (members(404, nobody=401), NO),
    "api/v1/deals/<uuidstr:deal>/analysis": (members(404, nobody=401), members(404, nobody=401)),
    "api/v1/metrics": (members(200, nobody=401), NO),
    "api/v1/metrics/<key>": (NO, NO),
    "api/v1/metrics/<key>/values": (members(404, nobody=401), NO),
    "api/v1/limits": (members(200, nobody=401), NO),
    "api/v1/llm/completion": (NO, members(400, nobody=401)),
    "api/v1/llm/chat": (NO, members(400, nobody=401)),
    "api/v1/llm/batch": (NO, members(400, nobody=401)),
    "api/v1/llm/batch/<uuidstr:job>": ((401, 404, 200, 404, 404, 403), NO),
    "api/v1/cashflow/explain": (members(200, nobody=401), NO),
    "api/v1/cashflow/predict": (NO, members(400, nobody=401)),
    "cashflow/explain": (members(200, nobody=401), NO),
    "cashflow/predict": (NO, members(400, nobody=401)),
    **{f"{root}writer/{name}": (NO, members(400, nobody=401)) for root in ("", "api/v1/") for name in LETTERS},
    "api/v1/llm/usage/<user>": (members(200, nobody=401), NO),
    **{f"api/v1/analytics/llm/{name}": ((401, 403, 403, 200, 200, 200), NO) for name in REPORTS},
    # allauth
    "accounts/login/": ((200, 302, 302, 302, 302, 302), (200, 302, 302, 302, 302, 302)),
    "accounts/logout/": (signed_in(200), everybody(302)),
    "accounts/inactive/": (everybody(200), NO),
    "accounts/signup/": ((200, 302, 302, 302, 302, 302), (200, 302, 302, 302, 302, 302)),
    "accounts/reauthenticate/": (signed_in(200), signed_in(200)),
    "accounts/email/": (signed_in(200), signed_in(302)),
    "accounts/confirm-email/": (everybody(200), NO),
    r"accounts/^confirm-email/(?P<key>[-:\w]+)/$": (everybody(200), everybody(404)),
    "accounts/password/change/": (signed_in(200), signed_in(200)),
    "accounts/password/set/": (everybody(302), everybody(302)),
    "accounts/password/reset/": (everybody(200), everybody(200)),
    "accounts/password/reset/done/": (everybody(200), NO),
    "accounts/password/reset/key/done/": (everybody(200), NO),
    r"accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": (everybody(200), everybody(200)),
    "accounts/login/code/confirm/": (everybody(302), everybody(302)),
    "accounts/sso/": (everybody(200), NO),
    "accounts/oidc/<slug:provider_id>/login/": (everybody(404), everybody(404)),
    "accounts/oidc/<slug:provider_id>/login/callback/": (everybody(404), everybody(404)),
    r"accounts/oidc/^(?P<provider_id>[^/]+)/login/": (everybody(404), everybody(404)),
    r"accounts/oidc/^(?P<provider_id>[^/]+)/login/callback/": (everybody(404), everybody(404)),
    "accounts/2fa/": (signed_in(200), signed_in(405)),
    "accounts/2fa/authenticate/": (everybody(302), everybody(302)),
    "accounts/2fa/reauthenticate/": (everybody(302), everybody(302)),
    "accounts/2fa/totp/activate/": (everybody(302), everybody(302)),
    "accounts/2fa/totp/deactivate/": (signed_in(404), signed_in(404)),
    "accounts/2fa/recovery-codes/": (signed_in(404), signed_in(405)),
    "accounts/2fa/recovery-codes/generate/": (everybody(302), everybody(302)),
    "accounts/2fa/recovery-codes/download/": (signed_in(404), signed_in(404)),
    "accounts/3rdparty/": (signed_in(200), signed_in(200)),
    "accounts/3rdparty/login/cancelled/": (everybody(200), NO),
    "accounts/3rdparty/login/error/": (everybody(401), NO),
    "accounts/3rdparty/signup/": (everybody(302), everybody(302)),
    "accounts/social/login/cancelled/": (everybody(301), everybody(301)),
    "accounts/social/login/error/": (everybody(301), everybody(301)),
    "accounts/social/signup/": (everybody(301), everybody(301)),
    "accounts/social/connections/": (everybody(301), everybody(301)),
    # the admin's own pages
    "admin/": (staff(200), staff(200)),
    "admin/settings/": (staff(200), staff(405)),
    "admin/settings/undo/": (staff(405), staff(409)),
    "admin/login/": ((302, 403, 403, 403, 403, 302), (302, 403, 403, 403, 403, 302)),
    "admin/logout/": (staff(405), staff(200)),
    "admin/password_change/": (everybody(302), everybody(302)),
    "admin/password_change/done/": (staff(200), staff(405)),
    "admin/tenants/flag/places/": (staff(200), staff(200)),
    "admin/providers/providersetting/<int:setting>/test/": (staff(404), staff(404)),
    "admin/autocomplete/": (staff(403), staff(405)),
    "admin/jsi18n/": (staff(200), staff(405)),
    "admin/r/<path:content_type_id>/<path:object_id>/": (staff(404), staff(404)),
    "admin/personas/promptversion/named/<str:identifier>/": (staff(404), staff(405)),
    "admin/personas/promptversion/<int:version>/compare/": (staff(404), staff(405)),
    "admin/personas/promptversion/<int:version>/preview/": (staff(404), staff(404)),
    "admin/personas/promptversion/<int:version>/release/": (staff(404), staff(405)),
    "admin/personas/promptversion/<int:version>/step/": (staff(405), staff(404)),
    "admin/(?P<url>.*)$": (staff(404), staff(404)),
}


# Routes that are regular expressions, and what else stands in a path.
PATHS = {
    r"accounts/^confirm-email/(?P<key>[-:\w]+)/$": "/accounts/confirm-email/nothing/",
    r"accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "/accounts/password/reset/key/1-set/",
    "admin/(?P<url>.*)$": "/admin/nothing/",
    "invitations/<uuid:tenant>/<uuid:invitation>/<str:key>/": f"/invitations/{NOBODY}/{NOBODY}/nothing/",
    r"accounts/oidc/^(?P<provider_id>[^/]+)/login/": f"/accounts/oidc/{NOBODY}/login/",
    r"accounts/oidc/^(?P<provider_id>[^/]+)/login/callback/": f"/accounts/oidc/{NOBODY}/login/callback/",
}
VALUES: dict[str, object] = {
    "start": "2020-01-06",
    "persona": "cfo",
    "metric": "revenue",
    "key": "revenue",
    "version": 999_999,
    "setting": 999_999,
    "identifier": "persona.nobody.v1",
    "user": "me",
    "reference": "D-1",
    "of": "deal",
    "task": "summary",
    "content_type_id": 9999,
    "object_id": NOBODY,
    "provider_id": NOBODY,
    "figure": "f0",
}
