from . import huolie_faq_test
