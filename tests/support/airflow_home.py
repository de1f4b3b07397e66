"""A place where Airflow lives for a while, in which the connector of the contract is installed."""

import json
import os
import sys
from pathlib import Path

from contract_connector import CANARY, MODULES

CONNECTION = "contract_work"
TYPE = "jackfield_contract_account"


def install_contract(site: Path) -> None:
    """Install the connector of the contract, as pip would, into a folder from which Python imports."""
    info = site / "contract_connector-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: contract-connector\nVersion: 1.0\n", "utf-8")
    modules = [f"{module_id} = contract_connector:{module_id.partition('.')[2]}" for module_id in MODULES]
    watched = "board.watch_notes = bulletin:watch_notes"
    connectors = ["contract = contract_connector", "board = bulletin"]
    lines = ["[jackfield.connectors]", *connectors, "[jackfield.modules]", *modules, watched]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n", "utf-8")
    sys.path.insert(0, str(site))


def settings(home: Path, url: str) -> dict[str, str]:
    """Give the environment of Airflow's processes: a home of its own, no examples, and the connection."""
    connection = {"conn_type": TYPE, "host": url, "password": CANARY}
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
        f"AIRFLOW_CONN_{CONNECTION.upper()}": json.dumps(connection),
        "JACKFIELD_HTTP_RETRY_BASE_S": "0.001",
        "JACKFIELD_HTTP_RETRY_CAP_S": "0.001",
        "JACKFIELD_HOME": str(home / "jackfield-home"),
        "PATH": os.environ["PATH"],
    }
