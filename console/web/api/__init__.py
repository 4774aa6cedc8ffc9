"""The REST API under ``/api/v1``: a JSON twin of each page, and what can be done there."""
