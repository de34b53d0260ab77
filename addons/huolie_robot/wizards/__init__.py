from . import huolie_faq_test
from . import huolie_faq_test_line
