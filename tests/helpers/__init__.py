"""What tests share: small models, small runs, played sites, ways to look at results."""
