"""Labels as a person writes them."""

import pytest

from genexplorer.core.data import Label
from genexplorer.core.errors import UserError
from genexplorer.engine.told import values_told

LABELS = (
    Label("garment", "class", ("T-shirt", "Bag")),
    Label("hat", "binary"),
    Label("age", "number", low=20, high=80),
)


def test_names_and_numbers_are_read_and_the_rest_is_as_usual() -> None:
    assert values_told(LABELS, ["garment=bag", "age=33.5"]) == (1.0, 0.0, 33.5)
    assert values_told(LABELS, ["hat=yes", "garment=0"]) == (0.0, 1.0, 50.0)
    assert values_told(LABELS[:1], ["Bag"]) == (1.0,)


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("garment=sock", "garment should be one of T-shirt, Bag, got 'sock'"),
        ("age=90", "age should be a number from 20 to 80, got '90'"),
        ("age=old", "age should be a number from 20 to 80"),
        ("smile=1", "There is no label 'smile' to be told; there are: garment, hat, age"),
        ("hat=2", "hat should be one of no, yes"),
    ],
)
def test_what_is_wrong_is_said(word: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence.replace("|", r"\|")):
        values_told(LABELS, [word])


def test_a_model_without_labels_is_told_none() -> None:
    with pytest.raises(UserError, match="not trained on labels"):
        values_told((), ["bag"])
