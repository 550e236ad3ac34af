"""scripts/bench reads what rvbench prints and judges it rightly."""

from tests.bench.machines import Result, parse
from tests.bench.report import median, ratio


def test_lines_of_rvbench_are_read_and_others_passed_over() -> None:
    text = "OpenSBI v1.1\n  / __ \\ _____\nnull_syscall 0.580 us\npipe_bw 161.2 MB/s\nfutex_rtt - unsupported\n[    1.0] a message\n"
    assert parse(text) == {"null_syscall": Result(0.58, "us"), "pipe_bw": Result(161.2, "MB/s"), "futex_rtt": Result(None, "")}


def test_a_ratio_is_how_much_longer_scarlet_takes() -> None:
    assert ratio(Result(1, "us"), Result(4, "us")) == 0.25
    assert ratio(Result(200, "MB/s"), Result(100, "MB/s")) == 0.5
    assert ratio(None, Result(4, "us")) is None
    assert ratio(Result(None, ""), Result(4, "us")) is None


def test_a_figure_that_one_round_lacks_is_none() -> None:
    rounds = [{"stat": Result(1, "us")}, {"stat": Result(3, "us")}, {"stat": Result(2, "us")}]
    assert median(rounds, "stat") == Result(2, "us")
    assert median([*rounds, {"stat": Result(None, "")}], "stat") is None
