"""The verbs of the command: a module each, its click command in `command`; results on stdout, the rest on stderr."""
