"""From a file of rows in the workspace to results, in a real browser and a real process."""

import csv

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PATIENCE_MS = 60_000


@pytest.fixture
def rows(server):
    folder = server.workspace / "data"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "users.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["user_id", "variant", "bought", "spend"])
        for i in range(6_000):
            arm = "new" if i % 2 else "control"
            out.writerow([i, arm, (i * 7919 % 100) < 20 + 6 * (i % 2), (i * 37 % 101) / 7])
    return folder


def choose(visitor, label, option):
    visitor.page.get_by_label(label, exact=True).first.click()
    visitor.page.get_by_role("option", name=option).first.click()
    visitor.settled()


def test_rows_of_the_workspace_become_results(visitor, server, rows):
    visitor.visit("/health")
    visitor.page.get_by_role("tab", name="From raw data").click()
    choose(visitor, "Rows from", "users.csv")
    visitor.sees("First 50 rows, 4 columns")
    visitor.press("bought")
    expect(visitor.page.get_by_label("Name", exact=True)).to_have_value("bought")
    choose(visitor, "Unit of randomisation", "user_id")
    visitor.sees("Will read about 6,000 rows")

    server.kill()
    server.start()
    visitor.page.reload()
    visitor.settled()
    visitor.sees("Will read about 6,000 rows")
    visitor.press("Sum up the rows")
    visitor.sees("The rows are summed up")
    visitor.sees("6,000 rows, summed up by DuckDB")
    visitor.press("See the results")
    visitor.sees("Launch new")
    assert not visitor.outside
    assert [path.name for path in rows.iterdir()] == ["users.csv"]
