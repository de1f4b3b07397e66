"""The one way out to the network: origin-bound credentials, one deadline, retries, limits."""
