from django.urls import path

from csuite.conversations import keeping, rating, rewording, sse, views
from csuite.conversations.boardroom import views as boardroom
from csuite.conversations.decisions import views as decisions
from csuite.conversations.exports import pages as exporting
from csuite.conversations.figures import figure
from csuite.conversations.search import pages as search
from csuite.conversations.sharing import pages as sharing

urlpatterns = [
    path("conversations/", views.conversations, name="conversations"),
    path("conversations/<uuid:conversation>/", views.conversation, name="conversation"),
    path("conversations/<uuid:conversation>/ask/", views.ask, name="ask"),
    path("conversations/<uuid:conversation>/rename/", views.rename, name="rename"),
    path("conversations/<uuid:conversation>/reword/", rewording.reword, name="reword"),
    path("conversations/<uuid:conversation>/delete/", views.delete, name="delete"),
    path("conversations/<uuid:conversation>/choose/", views.choose, name="choose"),
    path("conversations/evidence/<uuid:answer>/<slug:figure>/", figure, name="figure"),
    path("conversations/archive/", keeping.archived, name="archived"),
    path("conversations/restore/", keeping.restore, name="restore"),
    path("conversations/<uuid:conversation>/pin/", keeping.pin, name="pin"),
    path("conversations/<uuid:conversation>/archive/", keeping.archive, name="archive"),
    path("conversations/<uuid:conversation>/file/", exporting.conversation_file, name="conversation_file"),
    path("conversations/<uuid:conversation>/share/", sharing.share, name="share"),
    path("exports/", exporting.exports, name="exports"),
    path("exports/<uuid:export>/", exporting.export_file, name="export"),
    path("shared/", sharing.shares, name="shares"),
    path("shared/<uuid:share>/", sharing.shared, name="shared"),
    path("shared/<uuid:share>/revoke/", sharing.revoke, name="revoke_share"),
    path("ratings/", rating.rated, name="rate"),
    path("search/", search.search, name="search"),
    path("c-suite/<slug:persona>/chat", sse.chat, name="persona_chat"),
    path("boardroom/", boardroom.boardroom, name="boardroom"),
    path("boardroom/estimate/", boardroom.estimate, name="boardroom_estimate"),
    path("boardroom/<uuid:board>/", boardroom.show, name="board"),
    path("boardroom/<uuid:board>/again/", boardroom.again, name="board_again"),
    path("decisions/", decisions.decisions, name="decisions"),
    path("decisions/new/", decisions.new, name="decision_new"),
    path("decisions/<uuid:decision>/", decisions.decision, name="decision"),
    path("decisions/<uuid:decision>/pack.pdf", decisions.board_pack, {"form": "pdf"}, name="board_pack_pdf"),
    path("decisions/<uuid:decision>/pack.docx", decisions.board_pack, {"form": "docx"}, name="board_pack_docx"),
    path("decisions/<uuid:decision>/change/", decisions.change, name="decision_change"),
    path("decisions/<uuid:decision>/move/", decisions.move, name="decision_move"),
]
