from . import test_money
from . import test_pricing
from . import test_wallet
from . import test_recharge
from . import test_service
from . import test_books
from . import test_pay
from . import test_bank
