"""The vocabulary: recipes, data, models, abilities, checkpoints."""
