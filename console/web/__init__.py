"""The operator's console: pages, REST API, webhooks, probes and metrics, in one process."""
