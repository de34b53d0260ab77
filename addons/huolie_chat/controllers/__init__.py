from . import agent
from . import files
from . import poll
from . import visitor
