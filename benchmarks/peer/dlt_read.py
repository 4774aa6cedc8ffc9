"""dlt with a HubSpot-shaped REST source, contacts into DuckDB: one leg, no list, no Salesforce."""

import os

import dlt  # type: ignore[import-not-found]
from dlt.sources.rest_api import rest_api_source  # type: ignore[import-not-found]

names = [pair.split("=")[0] for pair in os.environ["PEER_FIELDS"].split(",")]
source = rest_api_source(
    {
        "client": {
            "base_url": os.environ["PEER_HUBSPOT"],
            "auth": {"type": "bearer", "token": os.environ["PEER_TOKEN"]},
            "paginator": {
                "type": "cursor",
                "cursor_path": "paging.next.after",
                "cursor_param": "after",
            },
        },
        "resources": [
            {
                "name": "contacts",
                "primary_key": "id",
                "write_disposition": "merge",
                "endpoint": {
                    "path": "crm/v3/objects/contacts",
                    "params": {"limit": 100, "properties": ",".join(names)},
                    "data_selector": "results",
                },
            }
        ],
    }
)
pipeline = dlt.pipeline("bench", destination="duckdb", pipelines_dir="dlt", dataset_name="portal")
pipeline.run(source)
with pipeline.sql_client() as client, client.execute_query("SELECT count(*) FROM contacts") as rows:
    print(rows.fetchall()[0][0])
