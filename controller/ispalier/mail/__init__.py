"""Mail domains, mailboxes and aliases of Postfix and Dovecot on SQL tables."""
