"""What stops a command, in words for the person who typed it."""


class Problem(Exception):
    """Something the user can act on; shown as it is, with no traceback."""


class StepFailed(Problem):
    """A program that a step called has failed; ``output`` is all that it printed."""

    def __init__(self, text, output=""):
        super().__init__(text)
        self.output = output
