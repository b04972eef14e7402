"""What pages ask the warehouse: cached answers, each with its rows and its statement."""
