"""The app in Chromium: opened, clicked, typed into, gone through by keys, with a file of a thousand trials."""

import csv
import http.client
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from app.driving import PATIENCE_S, App, at, press, said, show, started, typed, until
from app.many_trials import NASTY, write_trials

from smilejax import ReadSettings, read
from smilejax.readers import load_mapping

pytestmark = pytest.mark.slow

TRACE = "document.querySelector('#trial-plot .trace path')?.getAttribute('d')"
NUMBER = "document.querySelector('[data-role=number]').value"
RECIPE = "document.querySelector('[data-role=recipe]').closest('.q-field__native').innerText.trim()"
DARK = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A thousand trials are open. A secret stands beside the root, and a link to it inside."""
    folder = tmp_path_factory.mktemp("app") / "root"
    folder.mkdir()
    write_trials(folder / "trials.csv", participants=10, trials=100, samples=40)
    (folder.parent / "secret.html").write_text("the secret")
    (folder / "link").symlink_to(folder.parent)
    with started(folder, str(folder / "trials.csv")) as app:
        yield app


@pytest.fixture(scope="module")
def page(app: App, browser: Any) -> Iterator[Any]:
    """The app's page, once the first trial is drawn."""
    browser.execute_cdp_cmd("Emulation.setFocusEmulationEnabled", {"enabled": True})
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 1400, "height": 950, "deviceScaleFactor": 1, "mobile": False}
    )
    browser.get_log("browser")
    browser.get(app.address)
    until(browser, TRACE)
    yield browser
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    browser.get("about:blank")


@pytest.fixture
def trials(page: Any) -> Any:
    """The trial browser, at the first trial, with classes hidden."""
    show(page, "trials")
    number(page, 1)
    return page


DRAWN = """document.getElementById('trial-plot')._fullLayout?.meta ===
document.querySelector('[data-asked]').dataset.asked"""


def text_of(page: Any, selector: str) -> str:
    return page.execute_script("return document.querySelector(arguments[0]).textContent", selector)


def number(page: Any, wanted: int) -> None:
    """Go to the trial of a number among all."""
    typed(page, "[data-role=number]", str(wanted))
    asked = "document.querySelector('[data-asked]').dataset.asked.split('.')[1]"
    until(page, f"{NUMBER} === arguments[0] && {asked} === arguments[1]", str(wanted), str(wanted - 1))


def excluded(app: App) -> list[dict[str, str]]:
    path = app.folder / "trials-excluded.csv"
    return list(csv.DictReader(path.read_text().splitlines())) if path.exists() else []


def answer(app: App, path: str, headers: dict[str, str] | None = None) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=PATIENCE_S)
    connection.request("GET", path, headers=headers or {})
    response = connection.getresponse()
    response.body = response.read()
    connection.close()
    return response


def with_token(app: App) -> dict[str, str]:
    return {"Cookie": f"smilejax-{app.port}={app.token}"}


SOCKET = "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def test_without_the_token_nothing_is_answered(app: App) -> None:
    for path in (
        "/",
        "/report?study=x",
        SOCKET,
        "/_nicegui_ws/socket.io/?EIO=4&transport=polling",
        "/?token=wrong",
        "/nothing",
    ):
        assert answer(app, path).status == 403, path
    inside = re.search(rb"/_nicegui/[^\"]+\.js", answer(app, "/", with_token(app)).body)[0].decode()
    assert answer(app, inside).status == 403
    assert answer(app, inside, with_token(app)).status == 200
    assert answer(app, SOCKET, UPGRADE).status == 403
    assert answer(app, SOCKET, UPGRADE | with_token(app)).status == 101


def test_no_other_name_and_no_other_page(app: App) -> None:
    known = with_token(app)
    assert answer(app, "/", known | {"Host": f"evil.example:{app.port}"}).status == 403
    assert answer(app, SOCKET, UPGRADE | known | {"Origin": "http://evil.example"}).status == 403
    assert answer(app, SOCKET, UPGRADE | known | {"Origin": f"http://127.0.0.1:{app.port}"}).status == 101


def test_no_path_leads_out(app: App) -> None:
    known = with_token(app)
    for study in ("..", "../..", "link", "/etc", "%2e%2e", "link/secret.html", "", "%00", "....//"):
        response = answer(app, f"/report?study={study}", known)
        assert (response.status, b"secret" in response.body) == (404, False), study
    for path in (
        "/../secret.html",
        "/%2e%2e/secret.html",
        "/link/secret.html",
        "/static/../../secret.html",
        "/trials.csv",
        "/docs",
    ):
        assert answer(app, path, known).status == 404, path


def test_a_report_can_do_nothing_here(app: App) -> None:
    folder = app.folder / "made"
    folder.mkdir()
    (folder / "report.html").write_text("<p>a report</p>")
    assert answer(app, "/report?study=made", with_token(app)).status == 404  # no study.json
    (folder / "study.json").write_text("{}")
    response = answer(app, "/report?study=made", with_token(app))
    assert (response.status, response.body) == (200, b"<p>a report</p>")
    assert response.headers["content-security-policy"].startswith("sandbox allow-scripts; default-src 'none'")


def test_the_page_is_quiet_and_loads_from_here_only(app: App, page: Any) -> None:
    assert page.current_url == f"http://127.0.0.1:{app.port}/"  # the token is gone from the address
    fetched = page.execute_script("return performance.getEntriesByType('resource').map(e => e.name)")
    assert len(fetched) > 5
    assert [one for one in fetched if not one.startswith((f"http://127.0.0.1:{app.port}/", "data:"))] == []
    for part in ("data", "evaluation", "trials"):
        show(page, part)
    assert [entry for entry in page.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")] == []


def test_deciding_is_blind(trials: Any) -> None:
    """Neither the class nor a name that tells it is anywhere in the page."""
    said(trials, "[data-role=who]", "class hidden")
    whole = trials.execute_script("return document.getElementById('trial-plot').closest('section').innerHTML")
    assert not re.search(r"posed|genuine|\.mp4", whole)


def test_names_that_are_markup_are_text(trials: Any) -> None:
    assert text_of(trials, "[data-role=who]") == f"participant {NASTY}, class hidden"
    show(trials, "data")
    assert "<img src=x onerror=" in text_of(trials, ".findings")
    assert trials.execute_script("return window.hacked") is None
    assert trials.execute_script("return document.querySelectorAll('img').length") == 0


def test_keys_go_through_a_thousand_trials(trials: Any, record_property: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    assert text_of(trials, ".once") == "of 1000"
    took = []
    for key, wanted in (("j", "2"), (Keys.ARROW_RIGHT, "3"), ("j", "4"), ("k", "3"), (Keys.ARROW_LEFT, "2")):
        before = trials.execute_script(f"return {TRACE}")
        press(trials, key)
        until(
            trials,
            f"document.querySelector('[data-role=number]').value === arguments[0] && {TRACE} !== arguments[1]",
            wanted,
            before,
        )
        took.append(trials.execute_script("return performance.now() - window.smilejaxKeys.pressed"))
    record_property("key_to_trace_ms", sorted(took))
    assert max(took) < 1000 * PATIENCE_S
    number(trials, 1000)
    press(trials, "j")
    said(trials, "[data-role=who]", "participant p09")
    typed(trials, "[data-role=number]", "1001")
    said(trials, ".problem", "must be a whole number from 1 to 1000; it is 1001")


def test_keys_typed_into_a_field_are_no_commands(trials: Any) -> None:
    at(trials, "[data-role=exclusions]").send_keys("jjeexa")
    time.sleep(0.3)
    assert trials.execute_script("return document.querySelector('[data-role=number]').value") == "1"
    assert trials.execute_script("return document.querySelector('.q-dialog')") is None


def test_a_trial_is_excluded_by_keys_and_commands_leave_it_out(app: App, trials: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    number(trials, 5)
    press(trials, "e")
    until(trials, "document.activeElement.dataset.role === 'reason'")
    trials.switch_to.active_element.send_keys("2", Keys.ENTER)
    until(trials, "document.querySelector('[data-role=number]').value === '6' && !document.querySelector('.q-dialog')")
    press(trials, "x")
    until(trials, "document.activeElement.dataset.role === 'reason'")
    trials.switch_to.active_element.send_keys('my "own" <i>reason</i>, typed', Keys.ENTER)
    until(trials, "document.querySelector('[data-role=number]').value === '7' && !document.querySelector('.q-dialog')")
    press(trials, "a")
    said(trials, "[data-role=counts]", "2 excluded, 1 accepted")
    rows = excluded(app)
    assert sorted(row["reason"] for row in rows) == ['my "own" <i>reason</i>, typed', "signal lost"]
    assert {row["blind"] for row in rows} == {"yes"}
    assert {row["participant"] for row in rows} == {NASTY}
    number(trials, 6)
    said(trials, "[data-role=decision]", 'excluded: my "own" <i>reason</i>, typed')
    found = read(app.folder / "trials.csv", ReadSettings(exclude=str(app.folder / "trials-excluded.csv")))
    assert len(found) == 998
    assert sorted((one.reason, one.trials, one.blind) for one in found.source.by_hand) == [
        ('my "own" <i>reason</i>, typed', 1, True),
        ("signal lost", 1, True),
    ]
    press(trials, "a")
    said(trials, "[data-role=take-back]", 'Take back the exclusion (my "own" <i>reason</i>, typed)?')
    trials.switch_to.active_element.send_keys(Keys.ESCAPE)
    until(trials, "!document.querySelector('.q-dialog')")
    assert len(excluded(app)) == 2
    press(trials, "a")
    until(trials, "document.activeElement.textContent === 'Take back'")
    trials.switch_to.active_element.send_keys(Keys.ENTER)
    said(trials, "[data-role=counts]", "1 excluded, 2 accepted")
    assert [row["reason"] for row in excluded(app)] == ["signal lost"]


def test_only_the_excluded_are_gone_through(app: App, trials: Any) -> None:
    at(trials, "[data-role=which]").find_element("xpath", "./ancestor-or-self::*[contains(@class,'q-select')]").click()
    choose(trials, "excluded trials")
    said(trials, ".once", f"of {len(excluded(app))}")
    at(trials, "[data-role=which]").find_element("xpath", "./ancestor-or-self::*[contains(@class,'q-select')]").click()
    choose(trials, "all trials")
    said(trials, ".once", "of 1000")


def choose(page: Any, text: str) -> None:
    """Choose from the list that is open."""
    found = "[...document.querySelectorAll('.q-menu .q-item')].find(e => e.textContent.trim() === arguments[0])"
    until(page, found, text).click()
    until(page, "!document.querySelector('.q-menu')")


def test_a_class_that_was_shown_is_recorded(app: App, trials: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    number(trials, 20)
    switch = trials.find_element("xpath", "//*[@role='switch' and contains(., 'Show the class')]")
    switch.click()
    until(trials, "/: (posed|genuine)$/.test(document.querySelector('[data-role=who]').textContent)")
    switch.click()
    said(trials, "[data-role=who]", "class hidden")
    press(trials, "e")
    until(trials, "document.activeElement.dataset.role === 'reason'")
    trials.switch_to.active_element.send_keys("drift", Keys.ENTER)
    until(trials, "document.querySelector('[data-role=number]').value === '21'")
    assert {row["reason"]: row["blind"] for row in excluded(app)}["drift"] == "no"


def test_a_setting_of_the_recipe_is_tried_at_once(trials: Any) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    number(trials, 30)
    until(trials, f"{DRAWN} && !document.querySelector('section.part:not(.away) .q-spinner')?.offsetParent")
    last = "[...document.querySelectorAll('#trial-plot .trace path.js-line')].pop()?.getAttribute('d')"
    before = trials.execute_script(f"return {last}")
    typed(trials, "[data-setting=max_gap_ms] input", "0")
    until(trials, f"{last} !== arguments[0]", before)
    between = trials.execute_script(f"return {last}")
    ActionChains(trials).move_to_element(at(trials, "[data-setting=max_gap_ms] .q-slider")).click().perform()
    until(trials, f"{last} !== arguments[0]", between)
    assert float(at(trials, "[data-setting=max_gap_ms] input").get_attribute("value")) == pytest.approx(800, abs=40)
    typed(trials, "[data-setting=max_missing] input", "7")
    said(
        trials, "[data-setting=max_missing] .wrong", "'max missing' must be a number at least 0 and at most 1; it is 7."
    )
    typed(trials, "[data-setting=max_missing] input", "banana")
    said(trials, "[data-setting=max_missing].invalid .wrong", "banana")
    typed(trials, "[data-setting=max_gap_ms] input", "250")
    said(trials, "[data-role=recipe-note]", "Changed in max gap.")
    assert at(trials, "[data-setting=max_missing] input").get_attribute("value") == "banana"
    said(trials, "[data-setting=max_missing].invalid .wrong", "banana")
    until(trials, f"{RECIPE} === 'changed'")
    typed(trials, "[data-setting=max_missing] input", "0.5")
    until(trials, "!document.querySelector('.setting.invalid')")
    show(trials, "evaluation")
    said(trials, "[data-role=command]", "--max-gap-ms 250")
    said(trials, "[data-role=command]", "--exclude ")


def test_the_recipe_goes_back_to_the_defaults(trials: Any) -> None:
    trials.find_element("xpath", "//button[contains(., 'Back to the defaults')]").click()
    said(trials, "[data-role=recipe-note]", "These are the defaults.")
    assert at(trials, "[data-setting=max_gap_ms] input").get_attribute("value") == "400"
    until(trials, f"{RECIPE} === 'default'")


def test_keys_work_after_a_click_on_the_tab_and_after_a_jump(trials: Any) -> None:
    """No key is pressed through `press`, which takes the focus away itself."""
    from selenium.webdriver.common.action_chains import ActionChains

    show(trials, "data")
    trials.execute_script("window.scrollTo(0, 400)")
    until(trials, "window.scrollY > 0")
    show(trials, "trials")
    until(trials, "window.scrollY === 0")
    ActionChains(trials).send_keys("j").perform()
    until(trials, f"{NUMBER} === '2'")
    number(trials, 40)
    until(trials, "document.activeElement === document.body")
    ActionChains(trials).send_keys("j").perform()
    until(trials, f"{NUMBER} === '41'")


def test_what_is_not_drawn_is_not_decided(app: App, trials: Any) -> None:
    """Presses one after the other accept the one trial that was seen; what the server is told of another does nothing."""
    number(trials, 50)
    until(trials, DRAWN)
    path = app.folder / "trials-accepted.csv"
    before = len(path.read_text().splitlines()) if path.exists() else 1
    press_a = "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'a', bubbles: true}))"
    trials.execute_script(f"for (let k = 0; k < 4; k++) {press_a}")
    until(trials, f"{NUMBER} === '51' && {DRAWN}")
    trials.execute_script("emitEvent('trial_key', {what: 'accept', drawn: arguments[0]})", "1.999")
    time.sleep(0.5)
    assert trials.execute_script(f"return {NUMBER}") == "51"
    assert len(path.read_text().splitlines()) == before + 1


def test_two_tabs_show_the_same(app: App, trials: Any) -> None:
    number(trials, 60)
    until(trials, DRAWN)
    first = trials.current_window_handle
    trials.switch_to.new_window("tab")
    trials.get(app.address)
    until(trials, TRACE)
    press(trials, "j")
    until(trials, f"{NUMBER} === '61'")
    trials.close()
    trials.switch_to.window(first)
    until(trials, f"{NUMBER} === '61'")


def test_what_was_understood_is_corrected_and_saved(app: App, page: Any) -> None:
    show(page, "data")
    assert at(page, "input[data-setting=label]").get_attribute("placeholder") == "label"
    typed(page, "input[data-setting=label]", "colour")
    said(page, ".q-field--error", "colour")
    typed(page, "input[data-setting=label]", "")
    until(page, "!document.querySelector('.q-field--error')")
    typed(page, "input[data-setting=classes]", "genuine posed")
    until(page, "document.querySelector('input[data-setting=classes]').value === 'genuine posed'")
    said(page, ".facts", "500 genuine, 500 posed")
    typed(page, "[data-role=mapping]", "../map.toml", enter=False)
    page.find_element("xpath", "//button[contains(., 'Save mapping')]").click()
    until(
        page, "[...document.querySelectorAll('.problem')].some(e => e.offsetParent && e.textContent.includes(\"'..'\"))"
    )
    typed(page, "[data-role=mapping]", "map.toml", enter=False)
    page.find_element("xpath", "//button[contains(., 'Save mapping')]").click()
    said(page, ".done", "Written: map.toml")
    assert load_mapping(app.folder / "map.toml").classes == ("genuine", "posed")
    assert not (app.folder.parent / "map.toml").exists()
    typed(page, "[data-role=path]", str(app.folder.parent / "secret.html"))
    said(page, ".problem", "lies outside")


def test_it_follows_the_dark(page: Any) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.execute_script(f"return {paper}")
    ink = "getComputedStyle(document.querySelector('#trial-plot .xtick text')).fill"
    before = page.execute_script(f"return {ink}")
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", DARK)
    until(page, f"{paper} !== arguments[0] && {ink} !== arguments[1]", light, before)
    at(page, "[data-role=theme]").click()  # light, whatever the system says
    until(page, f"{paper} === arguments[0] && {ink} === arguments[1]", light, before)


def test_an_evaluation_is_started_stopped_and_can_be_resumed(app: App, page: Any) -> None:
    show(page, "evaluation")
    typed(page, "[data-role=out]", "study", enter=False)
    at(page, "[data-setting=classifier]").find_element(
        "xpath", "./ancestor-or-self::*[contains(@class,'q-select')]"
    ).click()
    choose(page, "features")
    typed(page, "input[data-setting=permutations]", "20000")
    said(page, "[data-role=command]", "--classifier features --permutations 20000")
    page.find_element("xpath", "//button[contains(., 'Start')]").click()
    said(page, "[data-role=stage]", "Running: training")
    page.find_element("xpath", "//button[contains(., 'Stop')]").click()
    said(page, "[data-role=stage]", "Stopped")
    assert (app.folder / "study" / "begun.json").is_file()
    until(
        page, "[...document.querySelectorAll('button')].some(e => e.offsetParent && e.textContent.includes('Resume'))"
    )
    said(page, "[data-role=command]", "--resume")


def test_it_was_quiet_to_the_end(page: Any) -> None:

    assert [entry for entry in page.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")] == []
