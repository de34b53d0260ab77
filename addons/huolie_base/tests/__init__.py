from . import test_tenancy
from . import test_role
from . import test_notice
from . import test_life
from . import test_register
from . import test_seat
from . import test_verification
