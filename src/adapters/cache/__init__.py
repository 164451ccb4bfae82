"""Stores for HTTP answers behind the `ResponseCache` port."""
