"""The fixture of the tests here."""

import os
import pathlib

import pytest


@pytest.fixture
def bin_dir():
    """Where the programs under test are."""
    return pathlib.Path(os.environ["BERTH_BIN_DIR"])
