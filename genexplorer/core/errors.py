"""The two ways in which work ends badly, each told in one sentence."""


class UserError(Exception):
    """Something that a person can mend: one sentence that says what, why and what to do (exit code 2)."""


class Failure(Exception):  # noqa: N818 - the person reads a sentence, not an error's name
    """Work that broke down through no fault of the person's: one sentence (exit code 1)."""
