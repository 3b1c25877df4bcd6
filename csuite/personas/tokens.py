"""How long a text is for a model that is not chosen yet: an estimate that errs on the long side.

csuite.llm counts with a model's own vocabulary; a prompt is built before there is a model. Figures need more
tokens than words do: four for five characters, words one for four, what is not Latin one each.
"""


def count(text: str) -> int:
    wide = dense = 0
    for character in text:
        if ord(character) > 0x2FF:
            wide += 1
        elif not character.isalpha() and character != " ":
            dense += 1
    return wide + -(-dense * 4 // 5) + -(-(len(text) - wide - dense) // 4)
