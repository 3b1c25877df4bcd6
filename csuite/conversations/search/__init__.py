"""Finding what was said: titles and messages, by words and their beginnings."""
