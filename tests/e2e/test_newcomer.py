# SPDX-License-Identifier: MIT
"""The first quarter of an hour of somebody who has only a browser, from the README's first command to the click in the chart."""

import shutil

import pytest

from test_pages import browser, page, with_pages  # noqa: F401 (fixtures)
from test_server_script import server  # noqa: F401 (fixture)

pytestmark = pytest.mark.alone


@pytest.mark.skipif(not shutil.which("zbarimg"), reason="zbarimg is not installed")
def test_a_newcomer_signs_in_shortens_scans_clicks_and_sees_the_click(server, page, tmp_path):
    import newcomer
    said = server.start()
    assert newcomer.walk(page, said, tmp_path) < newcomer.FLUSH_INTERVAL + 1
