"""What two versions of a connector differ in, and whom that breaks."""
