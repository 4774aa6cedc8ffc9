from tests.engine.conftest import install

__all__ = ["install"]
