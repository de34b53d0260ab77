from . import visitor, widget
