from django.urls import path

from csuite.conversations import sse, views
from csuite.conversations.figures import figure

urlpatterns = [
    path("conversations/", views.conversations, name="conversations"),
    path("conversations/<uuid:conversation>/", views.conversation, name="conversation"),
    path("conversations/<uuid:conversation>/ask/", views.ask, name="ask"),
    path("conversations/<uuid:conversation>/rename/", views.rename, name="rename"),
    path("conversations/<uuid:conversation>/delete/", views.delete, name="delete"),
    path("conversations/<uuid:conversation>/choose/", views.choose, name="choose"),
    path("conversations/evidence/<uuid:answer>/<slug:figure>/", figure, name="figure"),
    path("c-suite/<slug:persona>/chat", sse.chat, name="persona_chat"),
]
