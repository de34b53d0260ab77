"""The one exception that ends ./huolie with a sentence instead of a traceback."""


class Halt(Exception):
    """Something the user has to mend. The message says what and how; exit code 2."""
