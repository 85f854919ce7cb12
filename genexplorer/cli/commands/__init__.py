"""One file per command, found by its name: `HELP` maps how it is called to what it does, `run` carries it out."""
