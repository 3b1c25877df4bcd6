"""Single sign-on for allauth: rows become its apps, our HTTP is its HTTP, and we decide who comes in."""

import hmac
from hashlib import sha256
from typing import Any

import jwt
import structlog
from allauth.account.signals import user_logged_in
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.db import transaction
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from csuite.tenants import sso, sso_http, sso_people
from csuite.tenants.access import ACTING_TENANT
from csuite.tenants.models import User

log = structlog.get_logger(__name__)

SIGNATURES = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[SocialApp]:
        """The tenant's app that is asked for by name; there is no list of all of them, for anybody."""
        try:
            connection = sso_people.connection_for(str(provider))
        except sso_people.NotAdmitted:
            return []
        app = SocialApp(
            provider="openid_connect",
            provider_id=str(connection.tenant.pk),
            name=connection.name,
            client_id=connection.client_id,
            secret=sso.secret_of(connection.tenant),
            settings={
                "server_url": connection.issuer,
                "oauth_pkce_enabled": True,
                "trusts_addresses": connection.trusts_addresses,
            },
        )
        return [app] if client_id in (None, app.client_id) else []

    def get_requests_session(self) -> Any:
        return sso_http.session()

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: Any) -> Any:
        return sociallogin.user  # who she is, is decided in pre_social_login

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Whoever gets past here exists and may come in."""
        try:
            with transaction.atomic():
                self._admit(request, sociallogin)
        except sso_people.NotAdmitted as refused:
            log.warning("sso_refused", provider=sociallogin.account.provider, reason=refused.reason)
            page = render(request, "tenants/sso_refused.html", {"words": refused.words}, status=403)
            raise ImmediateHttpResponse(page) from None

    def _admit(self, request: HttpRequest, sociallogin: Any) -> None:
        connection = sso_people.connection_for(sociallogin.account.provider)
        if sociallogin.state.get("process") != "login":
            raise sso_people.NotAdmitted("process", "Start at the sign-in page.")
        if sociallogin.is_existing:
            sso_people.check_known(connection, sociallogin.user)
            return
        claims = sso_people.Claims.of(sociallogin.account.extra_data.get("id_token") or {})
        sociallogin.connect(request, sso_people.admit(connection, claims))


def nonce_of(verifier: str) -> str:
    """What the id token must bring back. The verifier is a secret of this session and of this one sign-in, so a token
    that was made for another sign-in has another nonce, and nothing more need be kept.
    """
    return sha256(f"csuite nonce:{verifier}".encode()).hexdigest()


class Provider(OpenIDConnectProvider):
    """allauth's, with a nonce beside the proof key. No parameter of a link takes its place."""

    def get_pkce_params(self) -> dict[str, Any]:
        made: dict[str, Any] = super().get_pkce_params()
        return {**made, "nonce": nonce_of(made["code_verifier"])}


class Adapter(OpenIDConnectOAuth2Adapter):
    """allauth trusts a token that came over TLS; we look at its signature and nonce too, and take nobody without."""

    _nonce = ""

    def get_provider(self) -> Provider:
        found = super().get_provider()  # type: ignore[no-untyped-call]
        return Provider(self.request, app=found.app)

    def get_access_token_data(self, request: HttpRequest, app: Any, client: Any, pkce_code_verifier: Any = None) -> Any:
        self._nonce = nonce_of(pkce_code_verifier) if pkce_code_verifier else ""
        return super().get_access_token_data(request, app, client, pkce_code_verifier)

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """The token says who; the provider's page of the person is asked only for an address that it leaves out."""
        if not kwargs["response"].get("id_token"):
            raise OAuth2Error("no id_token")
        claims = self._decode_id_token(app, kwargs["response"]["id_token"])
        known = {"email"} if app.settings["trusts_addresses"] else {"email", "email_verified"}
        if not known <= claims.keys() and "userinfo_endpoint" in self.openid_config:
            more = self._fetch_user_info(token.token)
            if more.get("sub") != claims.get("sub"):
                raise OAuth2Error("userinfo is of somebody else")
            claims = {**more, **claims}
        if not claims.get("sub"):
            raise OAuth2Error("no subject")
        return self.get_provider().sociallogin_from_response(request, {"id_token": claims})

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        try:
            if jwt.get_unverified_header(id_token).get("alg") not in SIGNATURES:
                raise OAuth2Error("unsigned or badly signed id_token")
            found: dict[str, Any] = jwtkit.verify_and_decode(
                credential=id_token,
                keys_url=self.openid_config["jwks_uri"],
                issuer=self.openid_config["issuer"],
                audience=app.client_id,
                lookup_kid=jwtkit.lookup_kid_jwk,
            )
        except (KeyError, TypeError, ValueError, jwt.PyJWTError) as error:
            raise OAuth2Error("Invalid id_token") from error
        if not self._nonce or not hmac.compare_digest(str(found.get("nonce")).encode(), self._nonce.encode()):
            log.warning("sso_refused", provider=self.provider_id, reason="nonce")
            raise OAuth2Error("the id_token was made for another sign-in")
        return found


def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Sends the browser to the identity provider."""
    try:
        answer: HttpResponse = OAuth2LoginView.adapter_view(Adapter(request, provider_id))(request)  # type: ignore[no-untyped-call]
    except SocialApp.DoesNotExist:
        raise Http404 from None
    return answer


def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Where the identity provider sends people back; state and PKCE are allauth's."""
    try:
        answer: HttpResponse = OAuth2CallbackView.adapter_view(Adapter(request, provider_id))(request)  # type: ignore[no-untyped-call]
    except SocialApp.DoesNotExist:
        return render(request, "tenants/sso_refused.html", {"words": "It is not available."}, status=404)
    return answer


@receiver(user_logged_in)
def _acts_there(request: HttpRequest, user: User, sociallogin: Any = None, **kwargs: Any) -> None:
    """Who came through a company's single sign-on acts for it first."""
    if sociallogin is not None:
        request.session[ACTING_TENANT] = sociallogin.account.provider
