"""PDF and DOCX: the text can be selected, in any script, over pages, and nothing in it acts."""

from io import BytesIO
from typing import Any
from zipfile import ZipFile

import docx
from pypdf import PdfReader

from csuite.documents import Caption, Document, Marked, PageBreak, Paragraph, Span, blocks, to_docx, to_pdf

TEXT = """# Retention

Net revenue was **$4.2m**, see [the report](https://x.example/a) and [no](javascript:alert(1)) `code` ~~old~~.

- one
  - two
- > quoted in a list
3. three

> quote

| Line | Revenue |
|:--|--:|
| Sensors | $2.1m |

```
a = { HYPERLINK "http://evil" }
```

---
"""
HOSTILE = (
    "<script>alert(1)</script> ![p](https://evil.example/p.png) {{ 7*7 }} =HYPERLINK(1) \\href{x} &lt; ]]> \x00\x0b "
    "\ud800 \ufffe %PDF </w:t> (" + "[" * 60 + "#" * 60 + ">" * 60
)


def document(text: str, **more: Any) -> Document:
    return Document("The title", blocks(text), **more)


def pdf_text(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages)


def actions(data: bytes) -> list[str]:
    """Every action of a PDF by its kind, with the address of links."""
    found = []
    for page in PdfReader(BytesIO(data)).pages:
        for note in page.get("/Annots") or []:
            action = note.get_object().get("/A") or {}
            found.append(str(action.get("/URI") or action.get("/S") or "goto"))
    return found


def docx_parts(data: bytes) -> dict[str, str]:
    with ZipFile(BytesIO(data)) as file:
        return {n: file.read(n).decode() for n in file.namelist() if n.endswith((".xml", ".rels"))}


def test_a_pdf_holds_its_text_its_outline_and_its_pages() -> None:
    whole = Document(
        "The title",
        (Caption((Span("by the CFO"),)), *blocks(TEXT, (Marked(31, 36, "found", 1),)), PageBreak(), *blocks("last")),
        subtitle="sub",
        notes=((Span("Ledger, September"),),),
        header="Running head",
        footer="Acme " * 40,
        author="Elena",
    )
    data = to_pdf(whole)
    reader = PdfReader(BytesIO(data))
    text = pdf_text(data)
    for wanted in (
        "The title",
        "sub",
        "by the CFO",
        "$4.2m¹",
        "one",
        "3.",
        "quoted in a list",
        "Sensors $2.1m",
        "HYPERLINK",
    ):
        assert wanted in text
    assert "1. Ledger, September" in text
    assert "Running head" in reader.pages[1].extract_text()
    assert "2 / 2" in text
    assert next(str(entry["/Title"]) for entry in reader.outline if not isinstance(entry, list)) == "The title"
    assert sorted(actions(data)) == ["goto", "https://x.example/a"]
    assert reader.metadata is not None
    assert reader.metadata.author == "Elena"
    assert not reader.attachments


def test_a_pdf_shows_text_of_many_scripts() -> None:
    texts = (
        *(
            "سلام دنیا",
            "שלום עולם",
            "你好世界",
            "日本語テスト",
            "한국어 시험",
            "Ελληνικά",
            "Русский",
            "हिन्दी",
            "ภาษาไทย",
        ),
        *("→ ≈ ½ ✓", "Zażółć"),
    )
    data = to_pdf(document("\n\n".join(texts)))
    shown = pdf_text(data).replace("\x02", "")  # readers put it between parts of a cluster that the font turned round
    assert [text for text in texts if text.split()[0] not in shown] == []
    assert not PdfReader(BytesIO(data)).attachments


def test_characters_without_a_glyph_are_shown_as_lost_and_attached() -> None:
    reader = PdfReader(BytesIO(to_pdf(document("தமிழ் text"))))
    assert "� text" in reader.pages[0].extract_text()
    assert "தமிழ் text" in reader.attachments["text.md"][0].decode()


def test_a_table_goes_on_over_pages_with_its_headings_again() -> None:
    rows = "\n".join(f"| {n} | {'word ' * 8} |" for n in range(90))
    long = "x " * 4000
    reader = PdfReader(BytesIO(to_pdf(document(f"| Number | Words |\n|--|--|\n{rows}\n| last | {long} |"))))
    assert len(reader.pages) > 3
    assert all("Number" in page.extract_text() for page in reader.pages)
    assert sum(page.extract_text().count("x ") for page in reader.pages) >= 3900


def test_mixed_directions_keep_their_addresses_and_bullets() -> None:
    text = pdf_text(to_pdf(document("- שלום [דוח](https://x.example)\n\nabc שלום def")))
    assert "https://x.example" in text
    assert "•" in text


def test_hostile_text_is_only_text_in_a_pdf() -> None:
    data = to_pdf(document(HOSTILE, header=HOSTILE, footer=HOSTILE, subtitle=HOSTILE, notes=((Span(HOSTILE),),)))
    assert "<script>alert(1)</script>" in pdf_text(data)
    assert actions(data) == ["https://evil.example/p.png"]
    assert b"/JavaScript" not in data
    assert b"/JS" not in data


def test_a_docx_holds_headings_lists_tables_links_and_notes() -> None:
    whole = Document(
        "The title",
        (Caption((Span("by"),)), *blocks(TEXT, (Marked(31, 36, "not_found", 1),)), PageBreak(), *blocks("שלום")),
        notes=((Span("Ledger"),),),
        subtitle="sub",
        header="Head",
        footer="Foot",
        author="Elena",
    )
    file = docx.Document(BytesIO(to_docx(whole)))
    shown = [paragraph.text for paragraph in file.paragraphs]
    assert shown[:4] == ["The title", "sub", "by", "Retention"]
    assert "Net revenue was $4.2m1?, see the report and no code old." in shown
    assert "•\tone" in shown
    assert "1. Ledger" in shown
    assert [[cell.text for cell in row.cells] for row in file.tables[0].rows] == [
        ["Line", "Revenue"],
        ["Sensors", "$2.1m"],
    ]
    assert file.core_properties.author == "Elena"
    assert file.sections[0].header.paragraphs[0].text == "Head"
    parts = docx_parts(to_docx(whole))
    assert "<w:bidi/>" in parts["word/document.xml"]
    assert "tblHeader" in parts["word/document.xml"]
    assert "https://x.example/a" in parts["word/_rels/document.xml.rels"]


def test_hostile_text_is_only_text_in_a_docx() -> None:
    parts = docx_parts(to_docx(document(HOSTILE, header=HOSTILE, footer=HOSTILE, author=HOSTILE)))
    assert "instrText" not in parts["word/document.xml"]
    assert "&lt;script&gt;" in parts["word/document.xml"]
    links = parts["word/_rels/document.xml.rels"]
    assert [part for part in links.split('"') if part.startswith("http") and "evil" in part] == [
        "https://evil.example/p.png"
    ]
    assert 'r:embed="' not in parts["word/document.xml"]


def test_an_empty_document_is_a_document() -> None:
    empty = Document("", (Paragraph(()), *blocks("-\n\n```\n```\n\n# \n\n| a |\n|--|")))
    assert pdf_text(to_pdf(empty))
    assert docx.Document(BytesIO(to_docx(empty))).paragraphs
