"""HTTP: call any HTTP API, download files, and watch lists and feeds for what is new."""
