"""What customers owe: pure rules from a contract's history to ledger entries."""
