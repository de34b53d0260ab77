from . import public_page, register
from . import web
