"""What Trellis remembers, in one SQL database. Knows no platform, no cog and no setting."""
