from . import test_form, test_identity, test_script, test_style
from . import test_contact
