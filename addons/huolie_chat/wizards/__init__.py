from . import huolie_lead_answer
from . import huolie_lead_assign
