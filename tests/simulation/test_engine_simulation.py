"""Many lives of the engine, each with a fault at a random moment; the seed is in the test's id."""

import random
import sys
from pathlib import Path

import pytest

from tests.support.simulated_world import DAY, Fault, World

KINDS = ("network", "stop", "full disk", "broken disk", "crash")
SEEDS = [pytest.param(seed, marks=() if seed < 60 else pytest.mark.slow) for seed in range(600)]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("seed", SEEDS)
def test_no_fault_loses_doubles_or_halves_a_row(seed: int, tmp_path: Path) -> None:
    """After each life the folder is consistent; the next undisturbed one has every row once."""
    chance = random.Random(seed)
    world = World(tmp_path, chance, items=chance.choice([3, 60, 150]))
    lives: list[str] = []
    for _ in range(chance.randrange(2, 8)):
        kind = chance.choice(KINDS)
        disk = kind not in {"network", "stop"}
        fault = Fault(kind, chance.randrange(1, 120 if disk else 2 * len(world.items)))
        run = world.ingest(fault, resume=chance.random() < 0.9)
        lives.append(f"{kind} at {fault.at}: {'ended' if run else 'died'}")
        if run and chance.random() < 0.5:
            world.change()
    sys.stdout.write(f"seed {seed}: {'; '.join(lives)}\n")
    world.settle()


@pytest.mark.parametrize("seed", range(5))
def test_what_is_carried_over_is_what_the_upstream_has(seed: int, tmp_path: Path) -> None:
    """Also where pages have changed, and where the answers behind them may not be used any more."""
    world = World(tmp_path, random.Random(seed), items=150)
    world.settle()
    for _ in range(4):
        world.change()
        world.settle()
    assert world.page_results.recalled
    found = len(world.page_results.recalled)
    world.clock.advance(DAY)
    world.settle()
    assert len(world.page_results.recalled) == found
