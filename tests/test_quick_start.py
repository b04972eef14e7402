"""A process that measures starts without the libraries that CLIP's ResNets never use, and can import them later."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_MEASURED_AND_THEN_THE_REST = """
import sys
from clip_warehouse import main
assert main(["ingest", "words", "--count", "3", "--layers", "4/2/6", "--warehouse", sys.argv[1]]) == 0
print(*[name for name in ("torch._dynamo", "sympy", "timm", "transformers") if name in sys.modules])
import timm
import torch
import torch._dynamo.utils
import torchvision.ops
assert torch._dynamo.utils.is_compile_supported("cpu") in (True, False)
whole = torch.tensor([[0.0, 0.0, 0.0, 4.0, 4.0]])
print(torchvision.ops.roi_align(torch.ones(1, 1, 4, 4), whole, 1).item())
print(torch.compile(torch.nn.Identity(), backend="eager")(torch.ones(1)).item())
"""


def test_a_command_imports_no_compiler_and_whoever_wants_it_has_it_afterwards(tmp_path: Path) -> None:
    (tmp_path / "transformers.py").write_text("print('imported')")  # as open_clip would do
    arguments = [sys.executable, "-c", _MEASURED_AND_THEN_THE_REST, str(tmp_path / "w.duckdb")]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(arguments, capture_output=True, text=True, cwd=Path(__file__).parents[1], env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["", "1.0", "1.0"]
