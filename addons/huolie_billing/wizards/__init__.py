from . import huolie_bank_pair
from . import huolie_recharge_wizard
from . import huolie_recharge_reject
from . import huolie_plan_wizard
from . import huolie_open_wizard
from . import huolie_renew_wizard
from . import huolie_fapiao_wizard
from . import huolie_statement_page
