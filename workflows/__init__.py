"""Long-lived things as thin loops around the pure core: they wait, orchestrate, and decide nothing themselves."""
