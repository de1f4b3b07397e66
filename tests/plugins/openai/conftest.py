import pytest
from jackfield_openai.sandbox import Sandbox
@pytest.fixture
def sandbox():
    with Sandbox() as started:
        yield started
