"""What the pages about Airflow show is run by Airflow."""

import re
import shlex
from pathlib import Path

import pytest
from airflow.cli.cli_parser import get_parser
from airflow.dag_processing.dagbag import BundleDagBag
from airflow.models.xcom import XComModel
from airflow.utils.db import initdb
from airflow.utils.session import create_session

from jackfield_openai.sandbox import Sandbox

pytestmark = pytest.mark.airflow

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "howto" / "use-modules-in-airflow.md").read_text("utf-8")
README = (ROOT / "contrib" / "airflow" / "README.md").read_text("utf-8")
PROGRAMS = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ADDRESS = "http://127.0.0.1:8765/v1"


def airflow(command: str) -> None:
    """Type a command of Airflow's, in this process: a new one takes long to start."""
    arguments = get_parser().parse_args(shlex.split(command))
    arguments.func(arguments)


def test_the_page_works_from_top_to_bottom(home: Path) -> None:
    """The connection is added and tested, the Dag run, as the page says; only the address is that of a stand-in."""
    initdb()
    first, *_ = PROGRAMS.findall(PAGE)
    (add, run) = re.findall(r"^\$ airflow (.*)$", PAGE, re.MULTILINE)
    folder = home / "dags"
    folder.mkdir(exist_ok=True)
    (folder / "greeting.py").write_text(first, "utf-8")

    with Sandbox() as sandbox:
        assert ADDRESS in add
        airflow(add.replace(ADDRESS, sandbox.url))
        airflow("connections test my_openai")
        airflow(run)

    with create_session() as session:
        kept = session.query(XComModel).filter_by(dag_id="greeting", key="return_value")
        pushed = {each.task_id: each.value for each in kept}
    assert pushed["greeting"]["result"].startswith("I heard: Hello")
    assert pushed["reply"]["result"].startswith("I heard: I heard: Hello")
    assert "stand-in-mini" in [model["id"] for model in pushed["models"]]
    (folder / "greeting.py").unlink()


def test_every_program_of_the_pages_is_a_dag_that_airflow_takes(tmp_path: Path) -> None:
    """Each with fields that its module has; what stands alone is put into a Dag."""
    programs = [*PROGRAMS.findall(PAGE), *PROGRAMS.findall(README)]
    for number, program in enumerate(programs):
        wrapped = "from airflow.sdk import DAG\nwith DAG('shown'):\n" + re.sub(
            r"^", "    ", program, flags=re.MULTILINE
        )
        text = program if "DAG(" in program or "@dag" in program else wrapped
        (tmp_path / f"shown_{number}.py").write_text(_with_names_of_its_own(text, number), "utf-8")

    bag = BundleDagBag(str(tmp_path), bundle_path=tmp_path, bundle_name="dags-folder")

    assert bag.import_errors == {}
    assert len(bag.dags) == len(programs) == 4


def _with_names_of_its_own(text: str, number: int) -> str:
    """Name the Dag as no other page's is named."""
    named = re.sub(r"(?<=DAG\()(['\"])\w+", rf"\g<0>_{number}", text)
    return re.sub(r"\b(greeting)(?=\(\))", rf"\1_{number}", named)
