from . import statement
from . import pay
