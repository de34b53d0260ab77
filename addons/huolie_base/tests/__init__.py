from . import test_tenancy
from . import test_role
from . import test_notice
