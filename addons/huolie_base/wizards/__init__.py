from . import huolie_enterprise_freeze
from . import huolie_seat_add
from . import huolie_verification_reject
