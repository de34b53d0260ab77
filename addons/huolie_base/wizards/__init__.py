from . import huolie_account_data
from . import huolie_account_settings
from . import huolie_enterprise_freeze
from . import huolie_seat_add
from . import huolie_verification_reject
from . import huolie_admin_transfer
