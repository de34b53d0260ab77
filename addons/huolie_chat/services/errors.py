"""The one way a service says no."""


class Refused(Exception):
    """A request that is answered with an error code instead of a result.

    :param str code: short word for the client, see docs/contracts.md
    :param int status: HTTP status 400 … 429, 503
    """

    def __init__(self, code, status=400, **more):
        super().__init__(code)
        self.code = code
        self.status = status
        self.more = more
