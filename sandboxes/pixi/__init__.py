"""A stand-in for the ERP pixi: a SOAP server that keeps orders, invoices and the customer account."""
