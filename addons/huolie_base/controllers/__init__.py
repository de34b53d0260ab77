from . import public_page, register
from . import web
from . import invite
from . import licence
from . import account
from . import two_factor
