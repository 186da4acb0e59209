"""Stand-ins for the services of others, over real HTTP."""
