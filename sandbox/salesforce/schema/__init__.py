"""The objects of a stock org, written as compact tables of facts."""

from sandbox.salesforce.schema.field import FieldSpec, ObjectSpec
from sandbox.salesforce.schema.stock import EXTERNAL_ID, stock_objects

__all__ = ["EXTERNAL_ID", "FieldSpec", "ObjectSpec", "stock_objects"]
