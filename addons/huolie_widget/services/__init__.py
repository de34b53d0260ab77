from . import icons, scripts
