from tests.engine.conftest import install, logged

__all__ = ["install", "logged"]
