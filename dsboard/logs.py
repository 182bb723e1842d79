"""What the log does not keep: the secret part of an address, which Django writes down with every refused or broken request."""

import logging
import re

SECRET = re.compile(r"(/(?:calendar|sign-in|me/mail-stop|password(?:/[^/\s]+)?)/)[^/\s.]{8,}")


class WithoutSecrets(logging.Filter):
    """Blanks the tokens of calendar feeds, sign-in links, password links and links that stop mail."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if SECRET.search(message):
            record.msg, record.args = SECRET.sub(r"\1…", message), ()
        return True
