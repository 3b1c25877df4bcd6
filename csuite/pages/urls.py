from django.urls import path

from csuite.pages import analysis, batches, cash, deal, forecasts, insights, interview, reminder, views, writing
from csuite.pages.home.page import home
from csuite.pages.pipeline import pipeline

urlpatterns = [
    path("", home, name="home"),
    path("insights/", insights.all_insights, name="insights"),
    path("insights/<uuid:insight>/dismiss/", insights.dismiss, name="insight_dismiss"),
    path("insights/<uuid:insight>/snooze/", insights.snooze, name="insight_snooze"),
    path("insights/<uuid:insight>/bring-back/", insights.bring_back, name="insight_bring_back"),
    path("pipeline/", pipeline, name="pipeline"),
    path("pipeline/deals/new/", deal.new_deal, name="deal_new"),
    path("pipeline/deals/<uuid:deal>/", deal.deal, name="deal"),
    path("pipeline/deals/<uuid:deal>/stage/", deal.stage, name="deal_stage"),
    path("pipeline/deals/<uuid:deal>/notes/", deal.note, name="deal_note"),
    path("pipeline/deals/<uuid:deal>/invoices/", deal.add_invoice, name="deal_invoice"),
    path("pipeline/invoices/<uuid:invoice>/", deal.invoice, name="invoice"),
    path("pipeline/deals/<uuid:deal>/analysis/", analysis.analysis, name="deal_analysis_page"),
    path("pipeline/forecast.csv", cash.cash_csv, name="forecast_csv"),
    path("pipeline/forecast/notes/", forecasts.notes, name="forecast_notes"),
    path("pipeline/forecast/<str:start>/", forecasts.period, name="forecast_period"),
    path("pipeline/deals/<uuid:deal>/forecast/", forecasts.deal, name="forecast_deal"),
    path("pipeline/invoices/<uuid:invoice>/forecast/", forecasts.invoice, name="forecast_invoice"),
    path("pipeline/expected/<uuid:expectation>/undo/", forecasts.undo, name="expectation_undo"),
    path("pipeline/invoices/<uuid:invoice>/reminder/", reminder.reminder, name="reminder"),
    path("pipeline/invoices/<uuid:invoice>/reminder/sent/", reminder.sent, name="reminder_sent"),
    path("write/", writing.commands, name="commands"),
    path("write/complete/<slug:of>/", writing.complete, name="write_complete"),
    path("write/batches/", batches.begin, name="batches"),
    path("write/batches/<uuid:batch>/", batches.batch, name="batch"),
    path("write/batches/<uuid:batch>/stop/", batches.stop, name="batch_stop"),
    path("write/batches/<uuid:batch>/retry/", batches.retry, name="batch_retry"),
    path("write/<slug:task>/", writing.write, name="write"),
    path("profile/", views.profile, name="profile"),
    path("profile/interview/", interview.interview, name="interview"),
    path("profile/interview/answer/", interview.answer, name="interview_answer"),
    path("profile/interview/entry/", interview.entry, name="interview_entry"),
    path("profile/interview/goal/", interview.goal, name="interview_goal"),
    path("profile/publish/", interview.publish, name="profile_publish"),
    path("profile/discard/", interview.discard, name="profile_discard"),
    path("profile/versions/", interview.versions, name="profile_versions"),
]
