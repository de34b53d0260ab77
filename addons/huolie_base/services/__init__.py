from . import checks, enterprise_code, life, secret_link, throttle, workday
