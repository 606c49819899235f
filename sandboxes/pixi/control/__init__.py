"""JSON under `/control`: accounts, and what people in the warehouse and in customer service do."""
