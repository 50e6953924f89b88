"""Reading and writing words: languages, dates, recurrence and likeness. Knows nothing of cogs or delivery."""
