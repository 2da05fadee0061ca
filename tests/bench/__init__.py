"""The benchmarks reckon rightly; how fast anything is, is not tested here."""
