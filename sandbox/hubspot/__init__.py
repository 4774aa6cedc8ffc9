"""An in-memory HubSpot: CRM objects, lists, properties and limits as the real API answers them."""
