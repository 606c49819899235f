"""The one simulated clock: offset, starts at simulated time, and the driver that moves all clocks of a tenant."""
