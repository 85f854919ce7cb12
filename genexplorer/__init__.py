"""Train and explore small generative models on your own images, on a laptop."""

__version__ = "0.1.0"
