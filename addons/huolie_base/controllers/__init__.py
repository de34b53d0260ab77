from . import public_page, register
