"""The API by which a merchant is set up: tenants, ERP connections, configurations, mail. Scope `setup`."""
