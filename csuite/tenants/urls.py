"""Addresses of this package."""

from django.urls import path

from csuite.tenants import audit_views, door, flag_views, joining, people_views, sso_adapter, sso_views, views
from csuite.tenants.api import api

urlpatterns = [
    path("tenants/act/", views.act, name="act"),
    path("profile/access/", views.access, name="access"),
    path("profile/access/<uuid:token>/revoke/", views.revoke_token, name="token_revoke"),
    path("people/", people_views.everybody, name="people"),
    path("people/sign-in/", people_views.sign_in, name="people_sign_in"),
    path("people/plan/", people_views.plan, name="people_plan"),
    path("people/flags/", flag_views.flags, name="people_flags"),
    path("people/<uuid:member>/", people_views.person, name="person"),
    path("people/invitations/<uuid:invitation>/again/", people_views.invite_again, name="invite_again"),
    path("people/invitations/<uuid:invitation>/revoke/", people_views.revoke_invitation, name="revoke_invitation"),
    path("invitations/<uuid:tenant>/<uuid:invitation>/<str:key>/", joining.invitation, name="invitation"),
    path("audit/", audit_views.audit, name="audit"),
    path("sign-in-needed/", door.door, name="door"),
    # before allauth's own, under its name
    path("accounts/oidc/<slug:provider_id>/login/", sso_adapter.login, name="openid_connect_login"),
    path("accounts/oidc/<slug:provider_id>/login/callback/", sso_adapter.callback, name="openid_connect_callback"),
    path("accounts/sso/", sso_views.start, name="sso_start"),
    path("api/v1/", api.urls),
]
