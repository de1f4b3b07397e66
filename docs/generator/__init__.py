"""What the reference pages are made of, one file for each kind of page."""
