from . import huolie_site_style
from . import huolie_form_field
from . import huolie_site
from . import huolie_visitor
from . import huolie_enterprise
