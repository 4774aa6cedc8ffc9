"""An in-memory Salesforce org behind the REST API."""
