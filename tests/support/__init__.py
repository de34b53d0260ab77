"""What the tests of the whole share: servers, browser, mailbox, foreign website."""
