"""The bot: a kernel that every cog stands on, the cogs, and the page that puts them together."""
