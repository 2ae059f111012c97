# How does a second implementation keep its vectors, or say that those that are kept are not what its text gives?
import sys


def keep(place, made):
    """Writes the vectors to their place; with --check compares instead, and ends with a sentence where they differ."""
    if sys.argv[1:] == ["--check"]:
        with open(place, encoding="ascii") as file:
            if file.read() != made:
                sys.exit(f"{place} is not what the text gives; run {sys.argv[0]} and read the difference")
        return
    with open(place, "w", encoding="ascii") as file:
        file.write(made)
