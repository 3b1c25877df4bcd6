"""The admin: who gets in, what is written down, what it must not show."""

import re

import pytest
from django.contrib import admin
from django.urls import reverse

from csuite.tenants.models import AuditEntry, Flag, Limit, Membership, OwnedDomain, PlatformAudit, Tenant, User
from csuite.tenants.scope import tenant_scope
from tests.conftest import PASSWORD, Cast

pytestmark = pytest.mark.django_db


def acts(action: str) -> list[PlatformAudit]:
    return list(PlatformAudit.objects.filter(action=action))


def test_djangos_own_login_form_is_not_there(cast: Cast) -> None:
    anonymous = cast.client()
    assert anonymous.get("/admin/login/")["Location"].startswith("/accounts/login/")
    posted = anonymous.post("/admin/login/", {"username": "root@csuite.example", "password": PASSWORD})
    assert posted["Location"].startswith("/accounts/login/")
    assert anonymous.get("/admin/")["Location"].startswith("/admin/login/")
    assert cast.client(cast.alice).get("/admin/login/").status_code == 403
    assert cast.client(cast.root).get("/admin/password_change/")["Location"] == reverse("account_change_password")


def test_every_change_is_written_down(cast: Cast) -> None:
    browser = cast.client(cast.root)
    row = Limit.objects.get(name="chat")
    form = {"name": "chat", "plan": "", "tenant": "", "amount": "20", "seconds": "60"}
    assert browser.post(f"/admin/tenants/limit/{row.pk}/change/", form).status_code == 302
    assert browser.post("/admin/tenants/flag/add/", {"name": "new", "everyone": "unknown"}).status_code == 302
    flag = Flag.objects.get(name="new")
    assert browser.post(f"/admin/tenants/flag/{flag.pk}/delete/", {"post": "yes"}).status_code == 302
    changed = acts("admin.change")[0]
    assert (changed.user, changed.detail["id"]) == (cast.root, str(row.pk))
    assert "amount" in changed.detail["change"].lower()
    assert (changed.detail["before"], changed.detail["after"]) == ({"amount": 10}, {"amount": 20})
    assert len(acts("admin.add")) == 1
    assert len(acts("admin.delete")) == 1


def test_what_the_platform_changes_of_a_company_is_told_to_the_company(cast: Cast) -> None:
    member = Membership.objects.get(user=cast.bob)
    form = {"user": cast.bob.pk, "tenant": cast.acme.pk, "role": "admin", "title": "", "is_active": "on"}
    assert cast.client(cast.root).post(f"/admin/tenants/membership/{member.pk}/change/", form).status_code == 302
    with tenant_scope(cast.acme.id):
        entry = AuditEntry.objects.get(action="platform.change")
    assert (entry.user, entry.detail["before"], entry.detail["after"]) == (
        cast.root,
        {"role": "executive"},
        {"role": "admin"},
    )
    assert "platform.change" in cast.client(cast.alice).get("/audit/").content.decode()
    form = {"name": "Acme", "slug": "acme", "plan": "standard", "currency": "USD", "time_zone": "UTC"}
    form |= {"sign_in": "password"}  # and not active any more
    assert cast.client(cast.root).post(f"/admin/tenants/tenant/{cast.acme.pk}/change/", form).status_code == 302
    changed = acts("admin.change")[0]
    assert (changed.detail["before"], changed.detail["after"]) == ({"is_active": True}, {"is_active": False})
    assert cast.client(cast.bob).get("/conversations/").status_code == 403


def test_who_is_switched_on_again_is_seen_by_her_company(cast: Cast) -> None:
    member = Membership.objects.get(user=cast.bob)
    cast.client(cast.alice).post(f"/people/{member.pk}/", {"do": "remove"})
    form = {"user": cast.bob.pk, "tenant": cast.acme.pk, "role": "executive", "title": "", "is_active": "on"}
    cast.client(cast.root).post(f"/admin/tenants/membership/{member.pk}/change/", form)
    assert cast.bob.email in cast.client(cast.alice).get("/people/").content.decode()


def test_many_to_many_and_deletion_have_before_and_after_too(cast: Cast) -> None:
    browser = cast.client(cast.root)
    browser.post("/admin/tenants/flag/add/", {"name": "new", "everyone": "unknown", "tenants": [str(cast.acme.pk)]})
    flag = Flag.objects.get(name="new")
    form = {"name": "new", "everyone": "unknown", "tenants": [str(cast.rival.pk)], "percent": "10"}
    browser.post(f"/admin/tenants/flag/{flag.pk}/change/", form)
    detail = acts("admin.change")[0].detail
    assert (detail["before"]["tenants"], detail["after"]["tenants"]) == (["Acme"], ["Rival"])
    assert (detail["before"]["percent"], detail["after"]["percent"]) == (None, "10.0")
    browser.post(f"/admin/tenants/flag/{flag.pk}/delete/", {"post": "yes"})
    gone = acts("admin.delete")[0].detail
    assert (gone["before"]["tenants"], gone["after"]) == (["Rival"], {})


def test_no_secret_stands_in_the_audit(cast: Cast) -> None:
    form = {"email": "new@acme.example", "name": "New", "is_active": "on"}
    cast.client(cast.root).post("/admin/tenants/user/add/", form)
    made = acts("admin.add")[0].detail["after"]
    assert made["email"] == "new@acme.example"
    assert made["password"] == "•••"


def test_every_page_of_the_admin_writes_before_and_after_down() -> None:
    from csuite.tenants.admin_audit import Audited

    assert [page for page in admin.site._registry.values() if not isinstance(page, Audited)] == []


def test_a_domain_is_verified_by_an_action_that_is_written_down(cast: Cast) -> None:
    row = OwnedDomain.objects.create(tenant=cast.acme, domain="acme.example")
    form = {"action": "verify", "_selected_action": [row.pk]}
    cast.client(cast.root).post("/admin/tenants/owneddomain/", form)
    row.refresh_from_db()
    assert row.verified_at is not None
    assert acts("admin.change")[0].detail["after"]["verified_at"]


def test_a_look_at_tenants_rows_is_written_down(cast: Cast) -> None:
    with tenant_scope(cast.acme.id):
        mine = AuditEntry.objects.create(action="token.made")
    with tenant_scope(cast.rival.id):
        AuditEntry.objects.create(action="token.revoked")
    page = cast.client(cast.root).get("/admin/tenants/auditentry/")
    assert "token.made" in page.content.decode()
    assert "token.revoked" in page.content.decode()
    assert cast.client(cast.root).get(f"/admin/tenants/auditentry/{mine.id}/change/").status_code == 200
    looks = acts("platform_scope")
    assert {look.user for look in looks} == {cast.root}
    assert "tenants.AuditEntry /admin/tenants/auditentry/" in looks[-1].detail["reason"]


def test_the_audit_is_read_only(cast: Cast) -> None:
    browser = cast.client(cast.root)
    for model in ("platformaudit", "auditentry", "apitoken"):
        assert browser.get(f"/admin/tenants/{model}/add/").status_code == 403
    row = PlatformAudit.objects.create(action="x")
    assert browser.post(f"/admin/tenants/platformaudit/{row.pk}/change/", {"action": "y"}).status_code == 403
    assert browser.post(f"/admin/tenants/platformaudit/{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_people_companies_and_memberships_are_switched_off_not_deleted(cast: Cast) -> None:
    browser = cast.client(cast.root)
    membership = Membership.objects.get(user=cast.bob)
    for path in (f"user/{cast.bob.pk}", f"tenant/{cast.acme.pk}", f"membership/{membership.pk}"):
        assert browser.post(f"/admin/tenants/{path}/delete/", {"post": "yes"}).status_code == 403
    actions = admin.site._registry[Tenant].get_actions(browser.get("/admin/").wsgi_request)
    assert "delete_selected" not in actions


def test_a_new_person_has_no_password_and_a_clean_address(cast: Cast) -> None:
    form = {"email": "New@Acme.Example", "name": "New", "is_active": "on"}
    assert cast.client(cast.root).post("/admin/tenants/user/add/", form).status_code == 302
    user = User.objects.get(email="new@acme.example")
    assert not user.has_usable_password()


def test_staff_cannot_make_themselves_superusers(cast: Cast) -> None:
    from django.contrib.auth.models import Permission

    helper = User.objects.create_user("helper@csuite.example", PASSWORD, is_staff=True)
    helper.user_permissions.set(Permission.objects.filter(codename__in=["change_user", "view_user"]))
    browser = cast.client(helper)
    form = {"email": helper.email, "name": "H", "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    assert browser.post(f"/admin/tenants/user/{helper.pk}/change/", form).status_code == 302
    helper.refresh_from_db()
    assert (helper.name, helper.is_superuser) == ("H", False)


def test_changing_a_person_keeps_her_password(cast: Cast) -> None:
    before = cast.bob.password
    form = {"email": cast.bob.email, "name": "Robert", "is_active": "on"}
    assert cast.client(cast.root).post(f"/admin/tenants/user/{cast.bob.pk}/change/", form).status_code == 302
    cast.bob.refresh_from_db()
    assert (cast.bob.name, cast.bob.password) == ("Robert", before)


def test_second_factors_show_no_secret_and_can_be_taken_away(cast: Cast) -> None:
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    secret = generate_totp_secret()
    TOTP.activate(cast.bob, secret)
    row = Authenticator.objects.get(type="totp")
    browser = cast.client(cast.root)
    page = browser.get(f"/admin/mfa/authenticator/{row.pk}/change/").content.decode()
    assert secret not in page
    assert str(row.data.get("secret")) not in page
    assert browser.post(f"/admin/mfa/authenticator/{row.pk}/delete/", {"post": "yes"}).status_code == 302
    assert len(acts("admin.delete")) == 1


def test_tables_with_secrets_in_clear_have_no_page() -> None:
    shown = {model._meta.label for model in admin.site._registry}
    assert not {label for label in shown if label.startswith(("socialaccount.", "waffle.", "django_celery_results."))}


def test_pages_of_the_admin_hold_no_inline_script_or_style(cast: Cast) -> None:
    """The content security policy would block them, and the page would be broken."""
    browser = cast.client(cast.root)
    paths = ["/admin/"]
    for model in admin.site._registry:
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        paths += [base, f"{base}add/"]
    for path in paths:
        response = browser.get(path)
        html = response.content.decode()
        assert response.status_code in (200, 403), path
        assert "script-src" not in response["Content-Security-Policy"]
        assert "unsafe" not in response["Content-Security-Policy"]
        if response.status_code == 200:
            scripts = re.findall(r"<script\b([^>]*)>", html)
            assert all("src=" in tag or 'type="application/json"' in tag for tag in scripts), path
            assert not re.findall(r"<[^>]+\s(?:style|on\w+)=", html), path
            assert not re.findall(r'(?:src|href)="(?:https?:)?//(?!127\.0\.0\.1)', html), path
            assert "<style" not in html, path
