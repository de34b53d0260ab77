from . import base
from . import huolie_tenant_mixin
from . import res_partner
from . import res_users
from . import mail_thread
from . import huolie_enterprise
from . import huolie_seat
