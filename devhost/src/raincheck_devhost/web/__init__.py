"""The host's HTTP side: routes, keys, the two styles of HTTP functions, and the admin API."""
