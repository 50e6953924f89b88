"""`trellis setup`: a page in the browser of this machine that leads through connecting Trellis, step by step."""
