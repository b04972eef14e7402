"""What pages ask the warehouse: cached answers, the statement of each beside its rows."""
