"""One folder per platform: each hears what happens there and draws what Trellis says, natively."""
