"""Where connections are kept: a file of SQLite whose every value is encrypted.

Nothing here is read unless somebody asks for it: a Host has a store only if one is given to it
(``Host(plugins=[Store.default()])``); the command line gives it the user's own.
"""

from jackfield.vault.protection import Protection
from jackfield.vault.store import Store

__all__ = ["Protection", "Store"]
