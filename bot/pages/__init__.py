"""What people look at in a browser. Part of the roof: it may import everything, nothing imports it but the start."""
