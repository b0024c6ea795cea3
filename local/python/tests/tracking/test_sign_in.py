"""People sign in with a browser at an OpenID provider of its own, and use MLflow's UI."""

import os
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import requests
from oidc_provider_mock import User, _app, run_server_in_thread
from playwright.sync_api import Browser, BrowserContext, Page
from ports import free_port
from snapslice_local.rest import LocalStack
from snapslice_local.welcome import token_of
from stacks import started
from tracking.chromium import CHROMIUM, SCREENSHOTS, launched

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium")

USERS = [
    User(sub="ann", claims={"groups": ["people", "snapslice-writer"]}),
    User(sub="rita", claims={"groups": ["snapslice-reader"]}),
    User(sub="zoe", claims={"groups": ["people"]}),
]
EXPERIMENTS = "/ajax-api/2.0/mlflow/experiments"


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A stack whose people are another provider's."""
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    # It lets in clients with a secret; ours is a public one, as Cognito's. PKCE it does not check:
    # SignInTest of functions/signin does.
    _app.AuthorizationCodeGrant.TOKEN_ENDPOINT_AUTH_METHODS = ["none"]
    port = free_port()
    with (
        run_server_in_thread(port, user_claims=USERS),
        started(
            tmp_path_factory.mktemp("signed"), "--sign-in-issuer", f"http://localhost:{port}"
        ) as stack,
    ):
        yield stack


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as chromium:
        yield chromium


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that knows nobody."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    context.set_default_timeout(20_000)
    yield context
    context.close()


def sign_in(context: BrowserContext, stack: LocalStack, user: str, place: str = "/") -> Page:
    """As people do: the address, the provider's page, a click on who they are."""
    page = context.new_page()
    page.goto(f"{stack.mlflow}{place}")
    page.get_by_role("button", name=user).click()
    return page


def session(context: BrowserContext) -> str:
    [cookie] = [each for each in context.cookies() if each.get("name") == "snapslice-session"]
    assert cookie.get("httpOnly") and cookie.get("sameSite") == "Strict"
    return str(cookie.get("value"))


def ask(page: Page, method: str, path: str, body: object = None) -> dict[str, object]:
    """What a script of the page gets."""
    asked: dict[str, object] = page.evaluate(
        """([method, path, body]) => fetch(path, {
             method, headers: {"content-type": "application/json"},
             body: body === null ? undefined : JSON.stringify(body)
           }).then(async answer => ({status: answer.status, body: await answer.json()}))""",
        [method, path, body],
    )
    return asked


def test_who_signs_in_sees_mlflow_where_they_wanted_to_go(
    context: BrowserContext, signed: LocalStack
) -> None:
    page = sign_in(context, signed, "ann", "/#/experiments")

    page.wait_for_url(re.compile(r"/#/experiments$"))
    page.get_by_text("Default", exact=True).first.wait_for()
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / "signed-in.png")
    who = ask(page, "GET", "/ajax-api/2.0/mlflow/users/current")
    assert who["status"] == 200
    assert isinstance(who["body"], dict)
    assert who["body"]["user"]["username"] == "ann"
    assert who["body"]["user"]["is_admin"] is False
    assert session(context).startswith("sns_")


def test_a_role_is_that_of_the_group(context: BrowserContext, signed: LocalStack) -> None:
    page = sign_in(context, signed, "rita")
    page.wait_for_url(re.compile(r"/(#/.*)?$"))

    assert ask(page, "POST", f"{EXPERIMENTS}/search", {"max_results": 1})["status"] == 200
    assert ask(page, "POST", f"{EXPERIMENTS}/create", {"name": "rita's"})["status"] == 403


def test_who_is_in_no_group_is_told_so_and_has_no_session(
    context: BrowserContext, signed: LocalStack
) -> None:
    page = sign_in(context, signed, "zoe")

    page.get_by_text("You are in no group").wait_for()
    assert [each.get("name") for each in context.cookies()].count("snapslice-session") == 0


def statuses(stack: LocalStack, cookie: str, site: str | None) -> list[int]:
    """Of requests to the function and to the fleet that change something, from a site's page."""
    headers = {"cookie": f"snapslice-session={cookie}", "content-type": "application/json"}
    if site is not None:
        headers["sec-fetch-site"] = site
    artifact = f"{stack.mlflow}/ajax-api/2.0/mlflow-artifacts/artifacts"
    answers = [
        requests.post(
            f"{stack.mlflow}{EXPERIMENTS}/update",
            json={"experiment_id": "0", "new_name": "Default"},
            headers=headers,
            timeout=30,
        ),
        requests.post(
            f"{stack.mlflow}/graphql", json={"query": "{__typename}"}, headers=headers, timeout=30
        ),
        requests.put(
            f"{artifact}/0/{'a' * 32}/artifacts/x", data=b"x", headers=headers, timeout=30
        ),
    ]
    return [answer.status_code for answer in answers]


def test_nothing_is_changed_but_from_a_page_of_ours(
    context: BrowserContext, signed: LocalStack
) -> None:
    sign_in(context, signed, "ann").wait_for_url(re.compile(r"/(#/.*)?$"))
    cookie = session(context)

    assert statuses(signed, cookie, "same-origin") == [200, 200, 200]
    for site in ("cross-site", "same-site", "none", None):
        assert statuses(signed, cookie, site) == [403, 403, 403], site


class Evil(BaseHTTPRequestHandler):
    """A page of another site, which makes the browser of whoever looks at it ask MLflow."""

    target = ""

    def do_GET(self) -> None:
        page = f"""<form method=post enctype=text/plain action="{self.target}{EXPERIMENTS}/create">
            <input name='{{"name": "evil", "a": "' value='"}}'></form>
            <script>document.forms[0].submit()</script>"""
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *arguments: object) -> None:
        """Says nothing."""


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_another_sites_page_makes_no_experiment(
    context: BrowserContext, signed: LocalStack, host: str
) -> None:
    sign_in(context, signed, "ann").wait_for_url(re.compile(r"/(#/.*)?$"))
    Evil.target = signed.mlflow
    server = ThreadingHTTPServer(("127.0.0.1", 0), Evil)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        page = context.new_page()
        with page.expect_response(re.compile(".*/create$")) as answer:
            page.goto(f"http://{host}:{server.server_port}/")
    finally:
        server.shutdown()

    # Ports of one host are one site: the cookie comes along, and is not enough.
    assert answer.value.status == (403 if host == "localhost" else 401)


def test_who_signs_out_is_out_and_so_is_their_cookie(
    context: BrowserContext, signed: LocalStack
) -> None:
    page = sign_in(context, signed, "ann")
    page.wait_for_url(re.compile(r"/(#/.*)?$"))
    cookie = session(context)
    experiment = f"{signed.mlflow}{EXPERIMENTS}/get?experiment_id=0"
    headers = {"cookie": f"snapslice-session={cookie}"}
    before = requests.get(experiment, headers=headers, timeout=30)

    page.goto(f"{signed.mlflow}/auth/logout")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile(r"/oauth2/end_session"))

    assert before.status_code == 200
    assert requests.get(experiment, headers=headers, timeout=30).status_code == 403
    assert [each.get("name") for each in context.cookies(signed.mlflow)] == []
    page.goto(signed.mlflow)
    page.get_by_role("button", name="ann").wait_for()


def test_nobody_comes_back_with_an_answer_that_they_did_not_ask_for(signed: LocalStack) -> None:
    forged = requests.get(
        f"{signed.mlflow}/auth/callback", params={"state": "a" * 43, "code": "b"}, timeout=30
    )

    assert forged.status_code == 400
    assert "set-cookie" not in forged.headers


def test_tokens_open_what_they_always_did(signed: LocalStack) -> None:
    headers = {"authorization": f"Bearer {token_of(signed)}"}

    answer = requests.post(
        f"{signed.mlflow}{EXPERIMENTS}/search",
        json={"max_results": 1},
        headers=headers,
        timeout=30,
    )

    assert answer.status_code == 200
