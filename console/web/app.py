"""The console as a Flask application."""

from importlib.metadata import PackageNotFoundError, version

from apiflask import APIFlask

from console.web import bodies, failures, formats, guard, headers
from console.web.api.alerts import alerts as alerts_api
from console.web.api.brake import brake as brake_api
from console.web.api.changes import changes as changes_api
from console.web.api.description import describe_api
from console.web.api.errors import errors as errors_api
from console.web.api.lists import lists as lists_api
from console.web.api.mapping import mapping as mapping_api
from console.web.api.plans import plans as plans_api
from console.web.api.records import records as records_api
from console.web.api.runs import runs as runs_api
from console.web.api.settings import settings as settings_api
from console.web.api.system import system as system_api
from console.web.installed import Build, Installed
from console.web.looks import looks
from console.web.outbound import outbound
from console.web.pace import Pace
from console.web.pages import frame
from console.web.pages.access import access
from console.web.pages.alerts import alerts
from console.web.pages.brake import brake
from console.web.pages.errors import errors
from console.web.pages.health import health
from console.web.pages.imports import imports
from console.web.pages.lists import lists
from console.web.pages.login import login
from console.web.pages.mapping import mapping
from console.web.pages.mapping_edit import mapping_edit
from console.web.pages.mapping_review import mapping_review
from console.web.pages.mapping_versions import mapping_versions
from console.web.pages.plans import plans
from console.web.pages.records import records
from console.web.pages.runs import runs
from console.web.pages.settings_edit import settings_edit
from console.web.pages.system import system
from console.web.plans import Plans
from console.web.probes import probes
from console.web.pulse import Pulse
from console.web.site import EXTENSION, Site
from console.web.tallies import Tallies
from console.web.throttle import Throttle
from console.web.webhooks import webhooks
from guestlist.connectors.limiter import open_limiter
from guestlist.engine.services import Services
from worker.settings import Loaded

PAGES = (
    login,
    health,
    brake,
    lists,
    plans,
    runs,
    imports,
    records,
    errors,
    mapping,
    mapping_edit,
    mapping_review,
    mapping_versions,
    system,
    settings_edit,
    access,
    alerts,
)
API = (
    runs_api,
    plans_api,
    records_api,
    changes_api,
    errors_api,
    lists_api,
    brake_api,
    mapping_api,
    settings_api,
    system_api,
    alerts_api,
)


def create_app(loaded: Loaded, services: Services, build: Build | None = None) -> APIFlask:
    """Build the application; no CRM is called and no thread is started yet.

    *build* makes both anew once a file of the settings changed; without it they stay.
    """
    app = APIFlask(
        "console.web",
        title="Guestlist",
        version=installed_version(),
        spec_path="/api/v1/openapi.json",
        docs_path=None,
    )
    app.config.update(TEMPLATES_AUTO_RELOAD=False)
    installed = Installed(loaded, services, build)
    pace = Pace(open_limiter(loaded.settings), services.clock)
    app.extensions[EXTENSION] = Site(
        installed=installed,
        pulse=Pulse(lambda: looks(installed.loaded, installed.services, pace), services.clock),
        plans=Plans(lambda: installed.services),
        throttle=Throttle(services.clock),
        tallies=Tallies(services.database),
    )
    https = loaded.settings.console.public_url.startswith("https://")
    headers.install(app, https=https)
    guard.install(app)
    bodies.install(app)
    failures.install(app)
    formats.install(app)
    frame.install(app)
    describe_api(app)
    for blueprint in PAGES:
        app.register_blueprint(blueprint)
    for part in API:
        app.register_blueprint(part, url_prefix="/api/v1")
    app.register_blueprint(probes)
    app.register_blueprint(webhooks)
    app.register_blueprint(outbound)
    return app


def installed_version() -> str:
    try:
        return version("guestlist")
    except PackageNotFoundError:
        return "0"
