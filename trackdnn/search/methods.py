"""How values are drawn, and which trials end early, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackdnn.data.randomness import generator
from trackdnn.errors import MissingExtraError, SettingsError, nearest

if TYPE_CHECKING:
    from optuna.pruners import BasePruner
    from optuna.samplers import BaseSampler

SAMPLERS = ("tpe", "random")
PRUNERS = ("median", "percentile", "halving", "hyperband", "none")
MONITORS = ("val_auc", "val_loss")
# The share of trials that the percentile pruner lets go on.
_KEPT = 25.0


def check_optuna(what: str = "`search`") -> None:
    """Makes sure that Optuna is there.

    Args:
        what: What needs it.

    Raises:
        MissingExtraError: If it is not installed.
    """
    try:
        import optuna
    except ImportError as error:
        raise MissingExtraError(
            f"{what} needs Optuna. Install it with: pip install 'trackdnn[search]'"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)


def check_method(option: str, name: str, known: tuple[str, ...]) -> None:
    """Makes sure that a method exists.

    Raises:
        SettingsError: If it does not.
    """
    if name not in known:
        raise SettingsError(
            f"{option} must be one of {', '.join(known)}. Received: {name}."
            f"{nearest(name, known)}"
        )


def make_sampler(name: str, seed: int, number: int) -> BaseSampler:
    """Draws the values of one trial.

    Args:
        name: `tpe`, the tree-structured Parzen estimator, or `random`.
        seed: Of the search.
        number: Of the trial, so that no two draw alike, whoever runs them.

    Source:
        Bergstra et al., Algorithms for hyper-parameter optimization, NIPS 2011, §4.
    """
    from optuna.samplers import RandomSampler, TPESampler

    own = int(generator(seed, "search", number).integers(2**31))
    if name == "random":
        return RandomSampler(seed=own)
    # Trials that others are running count as bad ones: nobody draws beside them.
    return TPESampler(seed=own, constant_liar=True)


def make_pruner(name: str, after: int) -> BasePruner:
    """Says which trials are not worth another epoch.

    Args:
        name: `median`, `percentile`, `halving`, `hyperband` or `none`.
        after: Epochs that each trial has at least.

    Source:
        Golovin et al., Google Vizier, KDD 2017, §3.2.2 (median); Li et al.,
        A system for massively parallel hyperparameter tuning, MLSys 2020, algorithm 2
        (halving); Li et al., Hyperband, JMLR 18 (2018) 185, algorithm 1.
    """
    from optuna import pruners

    if name == "median":
        return pruners.MedianPruner(n_warmup_steps=after)
    if name == "percentile":
        return pruners.PercentilePruner(_KEPT, n_warmup_steps=after)
    if name == "halving":
        return pruners.SuccessiveHalvingPruner(min_resource=max(after, 1))
    if name == "hyperband":
        return pruners.HyperbandPruner(min_resource=max(after, 1))
    return pruners.NopPruner()
