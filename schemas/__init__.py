"""The shapes everything speaks: marshmallow schemas at the edges, frozen values inside."""
