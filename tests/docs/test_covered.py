"""The limits on coverage see what they are for."""

from typing import Any

import pytest

from tests import covered


def report(**files: tuple[int, int]) -> dict[str, Any]:
    """A report of files, each with its number of statements and how many of them were run."""
    return {
        "files": {
            name.replace("_", "/") + ".py": {
                "summary": {
                    "num_statements": count,
                    "covered_lines": run,
                    "num_branches": 0,
                    "covered_branches": 0,
                },
                "missing_lines": list(range(run, count)),
                "missing_branches": [],
            }
            for name, (count, run) in files.items()
        }
    }


@pytest.mark.parametrize("folder", ["model", "rdf", "rules", "access"])
def test_one_line_of_the_pure_layers_is_too_much(folder: str) -> None:
    found = list(covered.lacks(report(**{f"pod_{folder}_a": (1000, 999)})))

    assert found == [f"pod/{folder}: 99.9 % was run, and 100 % is the least.", f"    pod/{folder}/a.py: 999"]


def test_elsewhere_five_of_a_hundred_may_lack() -> None:
    assert list(covered.lacks(report(pod_http_a=(100, 95), pod_app=(100, 96)))) == []
    assert len(list(covered.lacks(report(pod_http_a=(100, 94), pod_app=(100, 96))))) == 2


def test_a_folder_counts_as_a_whole() -> None:
    assert list(covered.lacks(report(pod_http_a=(10, 8), pod_http_b=(90, 90)))) == []


def test_branches_count_and_are_named() -> None:
    found = report(pod_rdf_a=(10, 10))
    facts = found["files"]["pod/rdf/a.py"]
    facts["summary"] |= {"num_branches": 2, "covered_branches": 1}
    facts["missing_branches"] = [[3, 5]]

    assert list(covered.lacks(found))[1] == "    pod/rdf/a.py: 3->5"
