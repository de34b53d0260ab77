from . import agent
from . import files
from . import poll
from . import session
from . import visitor
