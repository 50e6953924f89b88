"""The web page for moderators and admins: what all cogs have to show them, behind one door."""
