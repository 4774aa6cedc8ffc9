"""Every message that there ever was, once more (I4)."""

import celery
import redis

from benchmarks.proof import accounts
from guestlist.store.database import Database
from schemas.settings import Lane
from tests.chaos import books
from tests.chaos.scene import Scene
from tests.services.processes import wait_until
from worker.options import celery_options
from worker.publisher import CeleryPublisher
from worker.settings import load


def replay(scene: Scene, database: Database) -> int:
    """Send a message for each look that was ever asked for; how many, once they are carried out."""
    app = celery.Celery("replay", set_as_current=False)
    loaded = load(scene.environ, directory=scene.folder)
    app.conf.update(celery_options(loaded.settings))
    publisher, sent = CeleryPublisher(app), 0
    with redis.Redis.from_url(loaded.settings.broker_url) as client:
        lost = client.hlen("unacked")  # what killed workers held comes back much later
    for message in books.messages(database):
        publisher.sync(message.run_id, message.keys, lane=message.lane)
        sent += 1
    app.close()
    with redis.Redis.from_url(loaded.settings.broker_url) as client:
        wait_until(
            lambda: (
                not any(client.llen(lane.value) for lane in Lane) and client.hlen("unacked") <= lost
            ),
            what="an end of the replayed messages",
            patience=600,
        )
    wait_until(lambda: not accounts.busy(database), what="an end of it", patience=120)
    return sent
