from tests.engine.conftest import install, logged
from tests.producers.conftest import Followed, followed

__all__ = ["Followed", "followed", "install", "logged"]
