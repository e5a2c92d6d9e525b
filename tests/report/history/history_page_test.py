#!/usr/bin/env python3
"""Drives the page of `bench-report history page` in headless Chromium. Skipped (77) where that is missing.

BENCH_REPORT is the program.
"""
import datetime
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

import chromium

if chromium.PROGRAM is None:
    print("skipped: no chromium (Debian's package of this name)")
    sys.exit(77)

BENCH_REPORT = os.environ["BENCH_REPORT"]
MAKE_LARGE_HISTORY = pathlib.Path(__file__).resolve().parent / "make_large_history"
EVIL = '<img src=x onerror="window.evil=1"></script><script>window.evil=2</script>&amp;\'{{data}}'
NUM_RUNS = 24
SLOWER_FROM = 12


def commit_of(branch, number):
    return hashlib.sha1(f"{branch} {number}".encode()).hexdigest()


def write_run(folder, branch, number, machine, series):
    run_id = f"{branch}-{number:03}"
    started = datetime.datetime(2026, 10, 1, 12) + datetime.timedelta(days=number)
    subject = "Copy rows twice" if number == SLOWER_FROM else f"<b>Commit</b> {number}"
    head = {"history": 1, "run": {
        "id": run_id, "started": started.strftime("%Y-%m-%dT%H:%M:%SZ"), "branch": branch, "exit_code": 0,
        "commit": {"hash": commit_of(branch, number), "subject": subject, "number": number + 1},
        "machine_fingerprint": machine, "machine": {"cpu": "<i>Example</i> CPU"}}}
    lines = [json.dumps(head)]
    for benchmark, metric, values in series:
        lines.append(json.dumps({"series": {"benchmark": benchmark, "metric": metric,
                                            "measurement_fingerprint": "abcdef", "values": values}}))
    lines.append(json.dumps({"end": len(lines)}))
    month = folder / started.strftime("%Y-%m")
    month.mkdir(parents=True, exist_ok=True)
    (month / f"{run_id}.ndjson").write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_history(folder):
    """Six series: three of main with a change, one of another branch, one of no gated metric, one constant."""
    for number in range(NUM_RUNS):
        wiggle = 1 + 0.002 * (number % 5 - 2)
        after = number >= SLOWER_FROM
        series = [
            ("BM_copy/8", "real_time", [1e-6 * wiggle * (1.2 if after else 1) * part for part in (0.99, 1, 1.02)]),
            ("BM_copy/8", "allocations_per_step", [1700 if after else 1834]),
            (EVIL, "step_time_ms", [10 * wiggle * (1.3 if after else 1)]),
            ("BM_sum/" + "long_" * 30, "real_time", [0.5 * wiggle]),
            ("BM_sum/8", "no_gate<br>", [3.5])]
        write_run(folder, "main", number, "0123456789abcdef", series)
        if number % 2 == 0:
            write_run(folder, "release", number, "0123456789abcdef", series[3:4])


def history(*arguments):
    subprocess.run([BENCH_REPORT, "history", *arguments], check=True, stdout=subprocess.DEVNULL)


class World:
    """One history, its page and one browser for all tests: each takes a second to make."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="history page ")
        folder = pathlib.Path(self.folder.name)
        page = folder / "page & <b>.html"
        write_history(folder / "history")
        history("mark", commit_of("main", SLOWER_FROM), f"--history={folder}/history", "--benchmark=<img*",
                "--metric=*", "--kind=expected", "--reason=the <u>larger</u> arena")
        history("page", f"--history={folder}/history", "-o", str(page), "--title=A <b>title</b> & more")
        self.address = "file://" + urllib.parse.quote(str(page))
        self.browser = chromium.Chromium()


def setUpModule():
    PageTest.world = World()


def tearDownModule():
    PageTest.world.browser.close()
    PageTest.world.folder.cleanup()


class PageTest(unittest.TestCase):
    world = None

    def setUp(self):
        self.browser, self.address = self.world.browser, self.world.address
        self.browser.set_window(1400, 900)
        self.browser.open(self.address)

    def texts(self, selector):
        return self.browser.evaluate(f"[...document.querySelectorAll({json.dumps(selector)})]"
                                     ".filter((one) => one.checkVisibility()).map((one) => one.textContent)")

    def text(self, selector):
        return self.browser.evaluate(f"document.querySelector({json.dumps(selector)}).textContent")

    def choose(self, select, option):
        """As somebody does with the keyboard: the option's first letters, in the focused list."""
        self.browser.evaluate(f"document.getElementById('{select}').focus()")
        self.browser.type_text(option)

    def in_hash(self, name):
        return self.browser.evaluate(f"new URLSearchParams(location.hash.slice(1)).get('{name}')")

    def wait_for_hash(self, name, value):
        self.browser.wait_for(f"new URLSearchParams(location.hash.slice(1)).get('{name}') === {json.dumps(value)}")

    def middle_of(self, selector):
        return self.browser.evaluate(
            f"(() => {{ const box = document.querySelector({json.dumps(selector)}).getBoundingClientRect();"
            " return [box.left + box.width / 2, box.top + box.height / 2]; })()")


class Content(PageTest):
    def test_asks_for_nothing_and_complains_of_nothing(self):
        self.browser.wait_for("document.querySelector('.card svg')")
        self.assertEqual(self.browser.complaints(), [])
        self.assertEqual([one for one in self.browser.requests() if one != "about:blank"], [self.address])

    def test_shows_the_gated_series_those_with_changes_first(self):
        self.assertEqual(self.text("#count"), "5 of 6 series, 3 changes")
        names = self.texts(".card h3")
        self.assertEqual(len(names), 5)
        self.assertCountEqual(names[:3], ["BM_copy/8", "BM_copy/8", EVIL])
        self.assertEqual(self.texts(".changes .sign"), ["✗ worse", "✓ better", "✗ worse"])
        self.assertIn("1,834 → 1,700 · -134 (-7.31 %)", " ".join(self.texts("#changes .what")))

    def test_draws_each_run_each_segment_and_each_change(self):
        self.choose("metric", "Time (")
        self.browser.wait_for("document.querySelector('.card svg')")
        card = "[...document.querySelectorAll('.card')].find((one) => one.innerText.startsWith('BM_copy'))"
        count = lambda what: self.browser.evaluate(f"{card}.querySelectorAll('{what}').length")
        dots = self.browser.evaluate(f"{card}.querySelector('.points').getAttribute('d').split('M').length - 1")
        self.assertEqual(dots, NUM_RUNS)
        self.assertEqual((count("svg .band"), count("svg circle.worse.sure"), count("svg .boundary")), (2, 1, 1))
        labels = self.browser.evaluate(f"[...{card}.querySelectorAll('svg text')].map((one) => one.textContent)")
        self.assertIn("µs · lower is better", labels)
        self.assertIn(commit_of("main", SLOWER_FROM)[:7], labels)

    def test_takes_names_full_of_markup_as_text(self):
        self.assertIn(EVIL, self.texts(".card h3"))
        self.assertEqual(self.text("h1"), "A <b>title</b> & more")
        self.assertEqual(self.browser.evaluate("document.title"), "A <b>title</b> & more")
        self.assertIn(EVIL, self.browser.evaluate(
            "[...document.getElementById('benchmark').options].map((option) => option.text)"))
        self.assertIn("<b>Commit</b>", self.browser.evaluate(
            "document.querySelector('#grid button').click(), document.getElementById('detail-runs').textContent"))
        self.browser.press("Escape")
        self.assertEqual(self.texts(".now .flag"), ["expected: the <u>larger</u> arena"])
        self.assertEqual(self.browser.evaluate("document.querySelectorAll('img, b b, h1 b, i, u, td b').length"), 0)
        self.assertIsNone(self.browser.evaluate("window.evil"))
        self.assertEqual(self.browser.complaints(), [])

    def test_runs_and_loads_nothing_but_itself(self):
        self.browser.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.evil=3\">')")
        self.browser.evaluate("document.body.append(Object.assign(document.createElement('script'),"
                              " {textContent: 'window.evil = 4'}))")
        refused = self.browser.evaluate("fetch('data:text/plain,x').then(() => false, () => true)")
        self.assertTrue(refused)
        self.assertIsNone(self.browser.evaluate("window.evil"))

    def test_lists_the_changes_where_scripts_are_off(self):
        self.browser.without_script(True)
        try:
            self.browser.open(self.address)
            self.assertEqual(len(self.texts("noscript li")), 3)
            self.assertIn(EVIL, " ".join(self.texts("noscript li")))
            self.assertEqual(self.texts("#filters"), [])
        finally:
            self.browser.without_script(False)


class Filters(PageTest):
    def test_search_takes_words_of_names_and_of_commits(self):
        self.browser.press("/")
        self.browser.type_text("COPY 8 alloc")
        self.assertEqual(self.text("#count"), "1 of 6 series, 1 change")
        self.browser.press("Escape")
        self.assertEqual(self.text("#count"), "5 of 6 series, 3 changes")
        self.browser.press("/")
        self.browser.type_text("rows twice")
        self.assertEqual(self.text("#count"), "3 of 6 series, 3 changes")
        self.browser.type_text("nowhere")
        self.assertEqual(self.text("#count"), "0 of 6 series, 0 changes")
        self.assertEqual(self.texts("#changes li"), ["No change in these series."])

    def test_filters_by_benchmark_metric_branch_and_standing(self):
        self.choose("benchmark", "BM_copy")
        self.assertEqual(self.text("#count"), "2 of 6 series, 2 changes")
        self.choose("metric", "Alloc")
        self.assertEqual(self.text("#count"), "1 of 6 series, 1 change")
        self.choose("benchmark", "all")
        self.choose("metric", "all")
        self.assertEqual(self.text("#count"), "6 of 6 series, 3 changes")
        self.choose("show", "worse")
        self.assertEqual(self.texts(".card h3"), ["BM_copy/8"])

    def test_filters_by_branch(self):
        self.choose("branch", "rel")
        self.assertEqual(self.texts(".card h3"), ["BM_sum/" + "long_" * 30])

    def test_a_link_shows_what_its_sender_saw(self):
        self.choose("benchmark", "BM_copy")
        self.choose("metric", "Time (")
        self.browser.evaluate("document.querySelector('#changes button').click()")
        self.wait_for_hash("run", commit_of("main", SLOWER_FROM)[:10])
        link = self.browser.evaluate("location.href")
        reading = self.text("#detail-point")
        self.browser.open(link)
        self.browser.wait_for("document.getElementById('detail').open")
        self.assertEqual(self.text("#detail-title"), "BM_copy/8")
        self.assertEqual(self.text("#detail-point"), reading)
        self.assertEqual(self.text("#count"), "1 of 6 series, 1 change")
        self.browser.evaluate("new Promise((done) => setTimeout(done, 400))")  # the opening has been saved by then
        self.browser.press("Escape")
        self.browser.wait_for("!document.getElementById('detail').open")
        self.wait_for_hash("series", None)
        self.assertEqual(self.in_hash("benchmark"), "=BM_copy/8")

    def test_a_link_to_what_is_not_there_opens_the_page_alone(self):
        self.browser.open(self.address + "#benchmark=%3Dgone&series=gone&run=0&search=sum")
        self.assertEqual(self.text("#count"), "2 of 6 series, 0 changes")
        self.assertFalse(self.browser.evaluate("document.getElementById('detail').open"))
        self.assertEqual(self.browser.complaints(), [])


class Keyboard(PageTest):
    def focused_card(self):
        return self.browser.evaluate(
            "[...document.querySelectorAll('.card')].indexOf(document.activeElement.closest('.card'))")

    def test_walks_the_cards(self):
        self.browser.press("ArrowDown")
        self.assertEqual(self.focused_card(), 0)
        self.browser.press("ArrowRight")
        self.assertEqual(self.focused_card(), 1)
        self.browser.press("ArrowDown")  # three in a row at this width
        self.assertEqual(self.focused_card(), 4)
        self.browser.press("Home")
        self.assertEqual(self.focused_card(), 0)
        self.browser.press("End")
        self.assertEqual(self.focused_card(), 4)

    def test_opens_a_series_and_walks_its_runs(self):
        self.choose("metric", "Alloc")
        self.browser.evaluate("document.activeElement.blur()")
        self.browser.press("ArrowDown")
        self.browser.press("Enter")
        self.browser.wait_for("document.getElementById('detail').open")
        self.assertEqual(len(self.texts("#detail-runs tr")), NUM_RUNS)
        self.browser.press("ArrowLeft")
        last = f"1,700 · 1 process · 2026-10-24 12:00 · {commit_of('main', NUM_RUNS - 1)[:10]} · <b>Commit</b> 23"
        self.assertEqual(self.text("#detail-point"), last)
        self.browser.press("Home")
        self.browser.press("ArrowRight")
        self.assertIn("1,834 · 1 process · 2026-10-02", self.text("#detail-point"))
        self.browser.press("Escape")
        self.browser.wait_for("!document.getElementById('detail').open")
        self.assertEqual(self.focused_card(), 0)

    def test_shows_its_keys(self):
        self.browser.press("?")
        self.browser.wait_for("document.getElementById('help').open")
        self.assertIn("from run to run", self.text("#help"))


class Looks(PageTest):
    def colors(self):
        return self.browser.evaluate("[getComputedStyle(document.body).backgroundColor,"
                                     " getComputedStyle(document.body).color]")

    def test_reads_off_the_run_under_the_pointer(self):
        self.choose("metric", "Alloc")
        self.browser.wait_for("document.querySelector('.card svg')")
        x, y = self.middle_of(".card .chart")
        self.browser.move_pointer(x + 60, y)
        self.browser.wait_for("!document.getElementById('tip').hidden")
        self.assertRegex(self.text("#tip"), r"^1,7001 process · 2026-10-\d\d 12:00[0-9a-f]{10} <b>Commit</b> \d+$")
        self.browser.move_pointer(1, 1)
        self.browser.wait_for("document.getElementById('tip').hidden")

    def test_is_light_or_dark_as_the_system_says_or_the_reader(self):
        light = self.colors()
        self.browser.set_window(1400, 900, dark=True)
        dark = self.colors()
        self.assertEqual(light, ["rgb(255, 255, 255)", "rgb(31, 35, 40)"])
        self.assertEqual(dark, ["rgb(13, 17, 23)", "rgb(230, 237, 243)"])
        self.browser.evaluate("document.getElementById('theme').click()")
        self.assertEqual((self.text("#theme"), self.colors()), ("Theme: light", light))
        self.browser.evaluate("document.getElementById('theme').click()")
        self.browser.set_window(1400, 900)
        self.assertEqual((self.text("#theme"), self.colors()), ("Theme: dark", dark))
        self.browser.evaluate("document.getElementById('theme').click()")

    def test_fits_any_width(self):
        for width in (320, 390, 700, 1400, 2500):
            with self.subTest(width=width):
                self.browser.set_window(width, 844, phone=width < 500)
                self.browser.open(self.address)
                self.browser.evaluate("document.querySelector('#grid button').click()")
                self.assertLessEqual(self.browser.evaluate("document.documentElement.scrollWidth"), width)
                self.assertLessEqual(self.browser.evaluate(
                    "Math.max(...[...document.querySelectorAll('h1, label, .card, .changes li, #detail, #count')]"
                    ".map((one) => one.getBoundingClientRect().right))"), width)

    def test_draws_labels_that_do_not_touch(self):
        self.browser.set_window(200, 844, phone=True)  # without room for the commits of first, change and last
        self.browser.open(self.address)
        self.browser.evaluate("document.querySelector('#grid').scrollIntoView()")
        self.browser.wait_for("document.querySelector('.card svg')")
        touching = self.browser.evaluate("""[...document.querySelectorAll('.card svg')].flatMap((svg) => {
            const boxes = [...svg.querySelectorAll('text')].map((one) => one.getBoundingClientRect());
            return boxes.filter((a, i) => boxes.some((b, k) => k < i && a.left < b.right && b.left < a.right &&
                a.top + 2 < b.bottom && b.top + 2 < a.bottom));
        }).length""")
        self.assertEqual(touching, 0)


class Size(PageTest):
    def test_200_series_of_500_runs_are_5_mb_and_every_one_has_its_card(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, str(MAKE_LARGE_HISTORY), f"{folder}/history", "500", "200"], check=True)
            history("page", f"--history={folder}/history", "-o", f"{folder}/page.html")
            self.assertLessEqual(os.path.getsize(f"{folder}/page.html"), 5_000_000)
            self.browser.open(f"file://{folder}/page.html")
            self.browser.wait_for("document.querySelector('.card svg')")
            self.assertEqual(self.browser.evaluate("document.querySelectorAll('.card').length"), 200)


if __name__ == "__main__":
    unittest.main()
