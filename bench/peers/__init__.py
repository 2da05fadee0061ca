"""Other bots with the same durable effect, on public packages: what one would have built instead."""
