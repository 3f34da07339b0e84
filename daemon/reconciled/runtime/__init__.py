"""The runtime: what starts, stops and restarts sources, and when their passes run."""
