from . import huolie_tenant_mixin
from . import res_partner
from . import res_users
from . import huolie_enterprise
from . import huolie_seat
