from . import test_assign
from . import test_engine
from . import test_files
from . import test_pure
from . import test_routes
from . import test_rules
from . import test_upkeep
