"""What files of deals, customers, invoices, products and sellers may hold, and how their headings call it."""

from decimal import Decimal

from csuite.imports.targets import Field, Kind

ZERO = Decimal(0)
DEALS = (
    Field(
        "reference", "Deal", required=True, longest=40, names=("deal id", "id", "number", "opportunity", "reference")
    ),
    Field("stage", "Stage", required=True, longest=80, names=("deal stage", "status", "phase")),
    Field("customer", "Customer", longest=160, names=("account", "company", "client", "kunde")),
    Field("seller", "Owner", longest=160, names=("owner", "sales agent", "seller", "salesperson", "responsible")),
    Field("product", "Product", longest=160, names=("item", "article")),
    Field("value", "Value", Kind.MONEY, names=("amount", "close value", "deal value", "revenue"), low=ZERO),
    Field("opened", "Opened on", Kind.DATE, names=("engaged on", "engage date", "created", "created on", "opened")),
    Field("entered", "In its stage since", Kind.DATE, names=("stage since", "entered on", "stage date")),
    Field("closed", "Closed on", Kind.DATE, names=("close date", "closed", "won on")),
    Field("title", "Title", names=("deal name", "name", "subject", "opportunity name")),
    Field("pipeline", "Pipeline", longest=80),
    Field("note", "Note", longest=10_000, names=("notes", "comment", "remark")),
)
CUSTOMERS = (
    Field("name", "Name", required=True, longest=160, names=("account", "customer", "company", "client")),
    Field("sector", "Sector", longest=80, names=("industry", "branch")),
    Field("country", "Country", longest=80, names=("office location", "location", "land")),
    Field("parent", "Belongs to", longest=160, names=("subsidiary of", "parent", "group")),
    Field("founded", "Founded in", Kind.NUMBER, places=0, low=ZERO, names=("year established", "founded", "year")),
    Field("employees", "Employees", Kind.NUMBER, places=0, low=ZERO, names=("people", "headcount", "staff")),
    Field("revenue", "Revenue", Kind.NUMBER, names=("turnover", "annual revenue")),
)
INVOICES = (
    Field(
        "number", "Invoice", required=True, longest=40, names=("invoice number", "number", "invoice no", "invoice id")
    ),
    Field("customer", "Customer", required=True, longest=160, names=("account", "company", "client", "customer id")),
    Field("issued", "Issued on", Kind.DATE, required=True, names=("invoiced on", "invoice date", "issued", "date")),
    Field("due", "Due on", Kind.DATE, required=True, names=("due date", "due")),
    Field("amount", "Amount", Kind.MONEY, required=True, names=("invoice amount", "total", "gross", "value")),
    Field("settled", "Settled on", Kind.DATE, names=("settled date", "paid on", "payment date", "settled", "paid")),
    Field("disputed", "Disputed", Kind.YES_NO, names=("dispute",)),
    Field("deal", "Deal", longest=40, names=("deal id", "order", "reference")),
)
PRODUCTS = (
    Field("name", "Name", required=True, longest=160, names=("product", "item", "article")),
    Field("series", "Series", longest=80, names=("family", "line", "group")),
    Field("price", "Price", Kind.MONEY, low=ZERO, names=("sales price", "list price")),
)
SELLERS = (
    Field("name", "Name", required=True, longest=160, names=("sales agent", "owner", "seller", "salesperson")),
    Field("manager", "Manager", longest=160, names=("lead", "team lead")),
    Field("region", "Region", longest=80, names=("regional office", "office", "team", "territory")),
)
