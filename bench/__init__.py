"""What a recorded answer costs, beside a bare handler in the same run: ratios, since absolute rates are noise."""
