"""Words that those who write answers and those who check them share, in English, German and Spanish. Data."""

from csuite.profiles import months

# What metrics are called beside their own names and the synonyms of the tenant, by key.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "revenue": ("sales", "turnover", "umsatz", "erlöse", "ingresos", "ventas", "facturación"),
    "gross_margin_pct": (
        *("gross margin", "margin", "bruttomarge", "rohmarge", "marge"),
        *("margen bruto", "margen"),
    ),
    "order_intake": ("orders", "bookings", "auftragseingang", "aufträge", "pedidos"),
    "dso": (
        *("dso", "days sales outstanding", "collection days", "zahlungsdauer", "forderungslaufzeit"),
        *("außenstandsdauer", "plazo de cobro", "días de cobro"),
    ),
    "cash": ("liquidity", "liquidität", "kasse", "caja", "efectivo", "runway"),
    "overdue_receivables": (
        *("invoices", "late invoices", "receivables", "late payers", "offene rechnungen", "rechnungen"),
        *("facturas", "facturas vencidas", "cobros"),
    ),
    "on_time_delivery_pct": ("on time", "liefertreue", "pünktlichkeit", "puntualidad", "entregas"),
    "sessions": ("sessions", "visits", "traffic", "besuche", "visitas", "sesiones"),
    "users": ("users", "visitors", "nutzer", "besucher", "usuarios"),
    "demo_requests": ("demos", "demo requests", "leads", "anfragen", "solicitudes"),
    "conversion_pct": (
        *("conversion", "conversions", "conversion rate", "become demo requests", "turn into demo requests"),
        *("konversion", "conversión"),
    ),
    "people": (
        *("headcount", "employees", "staff", "head", "person", "mitarbeiter", "beschäftigte", "menschen", "kopf"),
        *("empleados", "plantilla"),
    ),
    "air_freight_cost": ("freight", "luftfracht", "fracht", "flete"),
}

_MONTHS = " ".join(
    (
        *months.NAMES,
        "januar februar märz april mai juni juli august september oktober november dezember",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    )
).lower()
MONTHS: dict[str, int] = {name: place % 12 + 1 for place, name in enumerate(_MONTHS.split())} | {
    name[:3].lower(): place + 1 for place, name in enumerate(months.NAMES) if name != "May"
}
