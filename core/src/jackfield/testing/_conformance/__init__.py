"""The rules that every connector keeps, and what tries them."""
