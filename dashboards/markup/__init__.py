"""Values in, markup out: numbers, chips, pictures, drawings. Nothing here asks the warehouse; each value is escaped."""
