from . import agent
from . import poll
from . import visitor
