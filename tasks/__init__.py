"""One thin Celery task per verb."""
