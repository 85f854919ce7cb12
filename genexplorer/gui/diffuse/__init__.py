"""The pages of the panel about denoising."""
