import ast
from pathlib import Path

import pytest

import ispalier.billing

MODULES = sorted(Path(ispalier.billing.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_billing_knows_no_float_and_no_binary_rounding(module: Path) -> None:
    nodes = list(ast.walk(ast.parse(module.read_text())))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    divides = any(isinstance(node, ast.Div) for node in nodes)
    has_float = any(
        isinstance(node, ast.Constant) and isinstance(node.value, float) for node in nodes
    )

    assert set() == names & {"float", "round", "Decimal"}
    assert not divides
    assert not has_float
