from . import icons, identity, scripts
