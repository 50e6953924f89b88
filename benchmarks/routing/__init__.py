"""How well Trellis knows who should be asked, what that costs, and how long askers wait."""
