"""The miniature web: an invented year of some fifty sites, served on loopback for the demo and the end-to-end tests."""
