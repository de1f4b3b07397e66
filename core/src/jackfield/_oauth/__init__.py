"""OAuth 2: what a connection type declares, and what is asked of an authorization server."""
