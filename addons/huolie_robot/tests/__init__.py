from . import test_dialogue
from . import test_index
from . import test_knowledge
from . import test_matcher
from . import test_normalise
