"""A poll that waits while the test goes on."""

import threading
import time


class ParkedPoll(threading.Thread):
    """Asks for what comes after the second event of a conversation.

    :param wait: seconds that the server may keep it
    """

    def __init__(self, client, token, conversation, wait=20):
        super().__init__(daemon=True)
        self.client, self.token, self.wait = client, token, wait
        self.seen, self._answer = {conversation: 2}, None
        self.start()
        time.sleep(1.5)  # it has reached the server

    def run(self):
        self._answer = self.client.poll(self.token, self.seen, self.wait)

    def answer(self):
        """Status and content, once they are there."""
        self.join(self.wait + 5)
        assert self._answer, "the poll has no answer"
        return self._answer
