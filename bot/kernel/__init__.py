"""What runs every cog: the router, contexts, forms, jobs and the application."""
