"""`/accounts/sso/`: the work e-mail says which company's single sign-on. No list: companies are nobody's business."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from csuite.tenants import limits, sso


@never_cache
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """A GET form and then a link: our form-action policy would stop a form that is led to another host."""
    email = request.GET.get("email", "")[:254]
    sign_on = None
    if email:
        usage = limits.take("api", f"sso:{limits.address(request)}")
        if usage.exceeded:
            raise usage.problem()
        sign_on = sso.start_for(email)
    context = {"email": email, "sign_on": sign_on}
    return render(request, "tenants/sso_start.html", context)
