"""What is asked, in which order, and which entries an answer may fill in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """fills: keys of csuite.profiles.entries, the one that rules give a whole answer to first. goals: asks for those.

    quick: answers to pick from.
    """

    key: str
    text: str
    fills: tuple[str, ...] = ()
    goals: bool = False
    quick: tuple[str, ...] = ()


QUESTIONS: tuple[Question, ...] = (
    Question(
        "industry",
        "What does {company} do? One or two sentences, as you would tell a neighbour.",
        ("description", "industry"),
    ),
    Question("people", "How many people work for you, and where?", ("people", "sites")),
    Question(
        "stage",
        "Where do you stand, and how fast do you grow?",
        ("stage",),
        quick=("Just started", "Growing fast", "Established", "Turning around"),
    ),
    Question(
        "revenue",
        "What did you sell in the last twelve months, and in which month does your year begin?",
        ("revenue", "fiscal_year_start"),
    ),
    Question("customers", "Who pays you, and for what?", ("customers", "lines", "regions")),
    Question("concentration", "How much of your revenue comes from your largest customers?", ("concentration",)),
    Question("rivals", "Whom do you lose against when you lose?", ("rivals",)),
    Question(
        "working",
        "How do customers find you, how long do they take to pay, and what worries you most?",
        ("risks", "channels", "payment_terms", "covenant"),
    ),
    Question(
        "goals",
        "What must be true by the end of {year} for you to call it a good year? "
        "Two or three goals with a number each are enough.",
        goals=True,
    ),
)
BY_KEY = {question.key: question for question in QUESTIONS}
END = "That is all I need. Look through what stands beside this, confirm it, and publish it."


def asked(question: Question, company: str, year: int) -> str:
    return question.text.format(company=company, year=year)


def first_open(answered: frozenset[str]) -> Question | None:
    """The next one, None at the end."""
    return next((question for question in QUESTIONS if question.key not in answered), None)
