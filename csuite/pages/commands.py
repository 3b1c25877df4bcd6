"""What `/` offers in the composer. Data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """`who` answers or would. `of`: what is chosen by completion next: "deal", "invoice" or "".

    `address`: where it leads, with the id of what was chosen for {id}. `text`: what stands in the composer instead.
    `all`: everybody is asked.
    """

    key: str
    about: str
    who: str = "All"
    of: str = ""
    address: str = ""
    text: str = ""
    all: bool = False

    @property
    def link(self) -> str:
        """Without scripts: the page that does the same, "" where there is none."""
        if self.key == "forecast" or not self.of:
            return self.address
        return f"/write/{self.key}/"


COMMANDS = (
    Command("forecast", "Cash by week, with the assumptions", "CFO", address="/pipeline/"),
    Command("reminder", "E-mail or WhatsApp for an overdue invoice", "CFO", "invoice",
            "/pipeline/invoices/{id}/reminder/"),
    Command("summary", "A deal in five lines, with its risks", of="deal", address="/write/summary/?deal={id}"),
    Command("notes", "Turn meeting notes into decisions and owners", address="/write/notes/"),
    Command("email", "A letter, about a deal or without one", address="/write/email/"),
    Command("papers", "Which required papers a deal still lacks", of="deal", address="/write/papers/?deal={id}"),
    Command("order", "Who will use what was ordered", of="deal", address="/write/order/?deal={id}"),
    Command("explain", "A concept, with your own figures as the example",
            text="Explain this concept, with our own figures as the example: "),
    Command("board", "Put this question to all four", "Board", all=True),
)  # fmt: skip
WRITTEN = {
    command.key: command
    for command in COMMANDS
    if command.key in ("reminder", "summary", "notes", "email", "papers", "order")
}
