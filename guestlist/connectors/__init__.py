"""The two CRMs over HTTP, and the limiter both ask before they call."""
