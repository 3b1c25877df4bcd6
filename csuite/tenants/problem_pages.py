"""Errors as answers: a problem for a program, a page for a person; Django's handlers and ours in one place."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views import defaults
from django.views.csrf import csrf_failure as csrf_failure_page

from csuite.tenants.problems import Problem, wants_json


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """What is not found looks like every other address that is not there."""
    if wants_json(request):
        return problem.response()
    if problem.status == 404:
        return HttpResponse(defaults.page_not_found(request, problem).content, status=404)
    page = render(request, "tenants/problem.html", {"problem": problem}, status=problem.status)
    for name, value in problem.headers.items():
        page[name] = value
    return page


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if wants_json(request):
        return Problem("bad_frame", "The request cannot be read.").response()
    return defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if wants_json(request):
        return Problem("forbidden", "This is not yours to do.").response()
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if wants_json(request):
        return Problem("not_found", "There is nothing at this address.").response()
    return defaults.page_not_found(request, exception)


def failed(request: HttpRequest) -> HttpResponseBase:
    if wants_json(request):
        return Problem("internal", "Something went wrong on our side.").response()
    return defaults.server_error(request)


def csrf_failure(request: HttpRequest, reason: str = "", **kwargs: Any) -> HttpResponseBase:
    if wants_json(request):
        return Problem("forbidden", "The CSRF token is missing or wrong.").response()
    return csrf_failure_page(request, reason)
