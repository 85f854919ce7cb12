"""How sliders are named: by which method, and whether what else differs between images is held fixed."""

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from genexplorer.engine.directions import Method

_METHODS: tuple[tuple[Method | None, str, str], ...] = (
    (None, "Automatic", "Of each attribute the direction, of all methods, that changes least else"),
    ("mean difference", "Mean difference", "From the mean code without an attribute to the mean code with it"),
    ("logistic", "Logistic regression", "Across the plane that tells codes with an attribute from those without it"),
    ("svm", "Support vectors", "Across the plane between the two kinds of codes that leaves the widest margin"),
)


class NamingMenu(QMenu):
    """Holds for the next time; sliders that have names keep them."""

    def __init__(self) -> None:
        super().__init__("How sliders are named")
        self.setToolTipsVisible(True)
        self.method: Method | None = None
        group = QActionGroup(self)
        for method, name, does in _METHODS:
            action = self.addAction(name)
            action.setCheckable(True)
            action.setChecked(method is None)
            action.setToolTip(does)
            action.triggered.connect(lambda _=False, method=method: setattr(self, "method", method))
            group.addAction(action)
        self.addSeparator()
        self._fixed = self.addAction("Hold other attributes fixed")
        self._fixed.setCheckable(True)
        self._fixed.setChecked(True)
        self._fixed.setToolTip(
            "Take out what goes along with an attribute in the data, as glasses with age;\n"
            "without, a slider changes all that usually changes together"
        )

    @property
    def hold_fixed(self) -> bool:
        return self._fixed.isChecked()
