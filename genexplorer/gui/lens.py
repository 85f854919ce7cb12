"""Which part of an image is shown, and how large; images that are compared share one."""

from PySide6.QtCore import QObject, QPointF, QRectF, QSizeF, Signal

_LARGEST = 32.0


class Lens(QObject):
    """`zoom` 1 shows all; `middle` is the place in the image, in 0…1, that stands in the middle."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.zoom, self.middle = 1.0, QPointF(0.5, 0.5)

    def fit(self) -> None:
        self._go(1.0, QPointF(0.5, 0.5))

    def zoom_by(self, factor: float, about: QPointF) -> None:
        """Larger or smaller; the place `about` in the image, in 0…1, stays where it is."""
        zoom = min(max(self.zoom * factor, 1.0), _LARGEST)
        self._go(zoom, about + (self.middle - about) * (self.zoom / zoom))

    def pan(self, by: QPointF) -> None:
        """By a part of the image."""
        self._go(self.zoom, self.middle + by)

    def target(self, fitted: QRectF, ratio: float) -> QRectF:
        """Where the whole image lies that would lie at `fitted` at zoom 1, on the device's pixel grid."""
        if self.zoom == 1:
            return fitted
        size = QSizeF(fitted.width() * self.zoom, fitted.height() * self.zoom)
        x = fitted.center().x() - self.middle.x() * size.width()
        y = fitted.center().y() - self.middle.y() * size.height()
        return QRectF(round(x * ratio) / ratio, round(y * ratio) / ratio, size.width(), size.height())

    def _go(self, zoom: float, middle: QPointF) -> None:
        rim = 0.5 / zoom
        inside = QPointF(min(max(middle.x(), rim), 1 - rim), min(max(middle.y(), rim), 1 - rim))
        if (zoom, inside) != (self.zoom, self.middle):
            self.zoom, self.middle = zoom, inside
            self.changed.emit()
