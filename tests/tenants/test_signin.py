"""Sign-in (csuite/tenants/signin.py and allauth's settings), cookies and what errors give away."""

from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core import mail
from django.core.exceptions import BadRequest
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse

from csuite.tenants.models import User
from csuite.tenants.signin import PASSWORD_MAX_LENGTH, cap
from tests.conftest import PASSWORD, Cast, visible

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


def sign_in(login: str, password: str = PASSWORD, **more: Any) -> Any:
    return Client().post(LOGIN, {"login": login, "password": password}, **more)


@pytest.mark.parametrize("login", ["bob@acme.example", "BOB@Acme.Example", " bob@acme.example "])
def test_people_sign_in_by_e_mail(cast: Cast, login: str) -> None:
    response = sign_in(login)
    assert response.status_code == 302
    assert response["Location"] == reverse("home")


def test_staff_without_a_company_go_to_the_admin(cast: Cast) -> None:
    assert sign_in("root@csuite.example")["Location"] == reverse("admin:index")


def test_passwords_are_kept_with_argon2(cast: Cast) -> None:
    assert User.objects.get(email="bob@acme.example").password.startswith("argon2")


def test_nobody_signs_up_by_herself(cast: Cast) -> None:
    form = {"email": "new@acme.example", "password1": PASSWORD, "password2": PASSWORD}
    Client().post("/accounts/signup/", form)
    assert not User.objects.filter(email="new@acme.example").exists()
    assert not get_adapter().is_open_for_signup(RequestFactory().get("/"))


def test_unknown_people_get_the_same_answer_and_cost_a_hash_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    from django.contrib.auth.hashers import Argon2PasswordHasher

    real = Argon2PasswordHasher.encode

    def counted(self: Any, password: str, salt: str) -> str:
        hashed.append(password)
        return str(real(self, password, salt))

    real_verify = Argon2PasswordHasher.verify

    def counted_verify(self: Any, password: str, encoded: str) -> bool:
        hashed.append(password)
        return bool(real_verify(self, password, encoded))

    monkeypatch.setattr(Argon2PasswordHasher, "encode", counted)
    monkeypatch.setattr(Argon2PasswordHasher, "verify", counted_verify)
    known = sign_in("bob@acme.example", "wrong password")
    with_known = len(hashed)
    unknown = sign_in("nob@acme.example", "wrong password")
    assert with_known == 1
    assert len(hashed) == 2
    assert known.status_code == unknown.status_code == 200
    assert visible(known).replace("bob@", "") == visible(unknown).replace("nob@", "")


def test_a_reset_answers_everybody_alike_and_writes_to_members_only(cast: Cast) -> None:
    answers = [
        Client().post("/accounts/password/reset/", {"email": email}) for email in ("bob@acme.example", "x@y.example")
    ]
    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, answers[0]["Location"])] * 2
    assert "/accounts/password/reset/key/" in str(mail.outbox[0].body)
    assert all("/reset/key/" not in str(letter.body) for letter in mail.outbox[1:])


def test_the_account_is_locked_for_a_while_after_five_wrong_passwords(cast: Cast) -> None:
    for _ in range(5):
        assert sign_in("bob@acme.example", "wrong password").status_code == 200
    locked = sign_in("bob@acme.example")
    assert locked.status_code == 200
    assert "Too many failed login attempts" in locked.content.decode()
    assert sign_in("alice@acme.example").status_code == 302


def test_a_claimed_address_does_not_get_round_the_limit_of_an_address(cast: Cast) -> None:
    """Ten wrong passwords a minute from one address, whatever the accounts and whatever the client claims."""
    pages = [
        sign_in(f"nobody{number}@acme.example", "wrong", headers={"X-Forwarded-For": f"10.0.0.{number}"})
        for number in range(11)
    ]
    refused = ["Too many failed login attempts" in page.content.decode() for page in pages]
    assert refused == [False] * 10 + [True]
    assert settings.ACCOUNT_PREVENT_ENUMERATION


@pytest.mark.parametrize("size", [PASSWORD_MAX_LENGTH + 1, 1_000_000])
def test_a_huge_password_is_400_before_any_hash(cast: Cast, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    from django.contrib.auth.hashers import Argon2PasswordHasher

    def never(*args: Any) -> bool:
        raise AssertionError("hashed")

    monkeypatch.setattr(Argon2PasswordHasher, "verify", never)
    monkeypatch.setattr(Argon2PasswordHasher, "encode", never)
    assert sign_in("bob@acme.example", "x" * size).status_code == 400
    browser = cast.client(cast.bob)
    form = {"oldpassword": "x" * size, "password1": "y", "password2": "y"}
    assert browser.post("/accounts/password/change/", form).status_code == 400
    assert browser.post("/accounts/reauthenticate/", {"password": "x" * size}).status_code == 400
    with pytest.raises(BadRequest):
        cap("x" * size)


def test_a_body_that_is_too_large_or_has_too_many_fields_is_400(cast: Cast) -> None:
    assert sign_in("bob@acme.example", "x" * 2_000_000).status_code == 400
    many = {f"field{number}": "1" for number in range(1000)}
    assert Client().post(LOGIN, many).status_code == 400


def test_a_longest_password_still_signs_in(cast: Cast) -> None:
    longest = "p" * PASSWORD_MAX_LENGTH
    cast.bob.set_password(longest)
    cast.bob.save()
    assert sign_in("bob@acme.example", longest).status_code == 302


@pytest.mark.parametrize("gone", ["user", "session"])
def test_a_session_ends_with_the_person_and_with_the_password(cast: Cast, gone: str) -> None:
    browser = cast.client(cast.bob)
    assert browser.get("/profile/access/").status_code == 200
    if gone == "user":
        cast.bob.is_active = False
    else:
        cast.bob.set_password("another long password")
    cast.bob.save()
    assert browser.get("/profile/access/").status_code == 302


def test_a_deactivated_person_cannot_sign_in(cast: Cast) -> None:
    cast.bob.is_active = False
    cast.bob.save()
    assert sign_in("bob@acme.example")["Location"] != reverse("home")


def test_another_host_is_400(cast: Cast) -> None:
    response = Client().get(LOGIN, headers={"Host": "evil.example"})
    assert response.status_code == 400
    forwarded = Client().get(LOGIN, headers={"X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in forwarded.content.decode()


def test_a_failure_shows_no_settings(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("csuite.tenants.views.memberships_of", broken)
    browser = cast.client(cast.bob, raise_request_exception=False)
    page = browser.get("/profile/access/")
    assert page.status_code == 500
    program = browser.get("/profile/access/", headers={"Accept": "application/json"})
    assert program.json()["code"] == "internal"
    for text in (page.content.decode(), program.content.decode()):
        for secret in ("secret detail", "Traceback", settings.SECRET_KEY, "DATABASES", "csuite_web"):
            assert secret not in text
    assert settings.DEBUG is False


@pytest.mark.parametrize(
    ("person", "initials", "first"),
    [
        ({"name": "Elena Maria Ruiz"}, "ER", "Elena"),
        ({"name": "Bob"}, "B", "Bob"),
        ({"email": "ada.lovelace@x.example"}, "AL", "ada.lovelace"),
        ({"name": "  ", "email": "z@x.example"}, "Z", "z"),
        ({"name": "..."}, ".", "..."),
    ],
)
def test_a_person_has_initials_whatever_her_name(person: dict[str, str], initials: str, first: str) -> None:
    user = User(**person)
    assert (user.initials, user.first_name) == (initials, first)


def test_a_user_needs_an_address_and_it_is_kept_in_small_letters() -> None:
    with pytest.raises(ValueError, match="e-mail"):
        User.objects.create_user("")
    assert User.objects.create_user(" New@Acme.Example ").email == "new@acme.example"
    root = User.objects.create_superuser("boss@csuite.example", PASSWORD)
    assert (root.is_staff, root.is_superuser, str(root)) == (True, True, "boss@csuite.example")


@override_settings(HTTPS=True)
def test_https_asks_staff_for_a_second_factor(cast: Cast) -> None:
    browser = cast.client(cast.root)
    assert browser.get("/admin/")["Location"].startswith("/admin/login/")
    assert browser.get("/admin/login/")["Location"] == reverse("mfa_index")
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(cast.root, generate_totp_secret())
    assert browser.get("/admin/").status_code == 200
    assert browser.get("/admin/login/")["Location"] == reverse("admin:index")
    second = sign_in("root@csuite.example")
    assert second["Location"].startswith(reverse("mfa_authenticate"))
