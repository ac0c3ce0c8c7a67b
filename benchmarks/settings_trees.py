"""Settings as trees: of four frameworks, changed, and with values hard to write."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from trackdnn.settings import Settings

# What files of three frameworks say, in their words.
DINGO: dict[str, Any] = {
    "training": {
        "stage_0": {
            "epochs": 300,
            "freeze_rb_layer": False,
            "optimizer": {"type": "adam", "lr": 1e-4},
            "scheduler": {"type": "cosine", "T_max": 300},
            "batch_size": 64,
        },
        "stage_1": {
            "epochs": 150,
            "optimizer": {"type": "RMSprop", "lr": 1e-5, "alpha": 0.99},
            "scheduler": {"type": "reduce_on_plateau", "factor": 0.2, "patience": 3},
            "batch_size": 64,
            "early_stopping": {"patience": 5, "metric": "validation"},
        },
    },
    "local": {
        "device": "cpu",
        "num_workers": 6,
        "runtime_limits": {"max_time_per_run": 36000, "max_epochs_per_run": 500},
        "condor": {"bid": 100, "num_cpus": 16, "memory_cpus": 128000},
    },
}
XEC: dict[str, Any] = {
    "training": {
        "epochs": 20,
        "batch_size": 512,
        "lr": 3e-4,
        "lr_scheduler": "cosine",
        "warmup_epochs": 2,
        "lr_min": 1e-6,
        "weight_decay": 1e-4,
        "ema_decay": 0.999,
        "grad_clip": 1.0,
        "grad_accum_steps": 4,
    }
}
HYPERTRACK: dict[str, Any] = {
    "random_seed": 12345,
    "training": [
        {
            "optimizer": "AdamW",
            "learning_rate": 5e-4,
            "scheduler_type": "warm-cos",
            "scheduler_period": 10000,
            "max_grad_norm": 1,
            "weight_decay_w": 1e-5,
            "epsilon": 1e-6,
        }
    ],
    "local": {"save_period": 1200},
}
OURS: dict[str, Any] = Settings.model_validate(
    {
        "data": {"samples": {"a": {"files": ["a.root"], "take": 0.5}}},
        "model": {"options": {"width": 32}, "transfer": "runs/first"},
        "training": [
            {
                "optimizer": {"name": "muon", "groups": [{"match": "head/"}]},
                "gates": [{"layers": ["a"], "threshold": 0.9}],
            },
            {"schedule": "one_cycle", "warmup": 2, "freeze": ["stem"]},
        ],
    }
).to_dict()
BASES = (OURS, {}, DINGO, XEC, HYPERTRACK)

WORDS = (
    *("", " ", "~", "null", "none", "cosine", "adam", "yes", "1e5", "0x1F", "16GB"),
    *("12h", "8:00:00", "[", "(", "a{99999999999999999999}", "(" * 200, "\t", "\x00"),
    *(
        "\ud800",
        "\u2028",
        "é" * 20,
        "a" * 3000,
        "9" * 400 + "T",
        "*a",
        "&a",
        "!!set",
        "<<",
        "a: b",
        "#",
    ),
    *("\x1b[31m", "'", '"', "\\", "%", "2026-13-45", "stage_0", ".inf", "\r\n", "\x85"),
)
NUMBERS = (
    *(0, 1, -1, 2, 3, 7, 10**9, 2**31, 2**63, 10**30, 10**400, -(10**400), True, False),
    *(0.0, -0.0, 0.5, 0.05, 1e-4, 1.0, 1e308, 1e-320, float("nan"), float("inf")),
    *(float("-inf"), 2.5, None),
)


def _names(tree: Any) -> set[str]:
    if isinstance(tree, dict):
        return set(tree).union(*(_names(one) for one in tree.values()))
    if isinstance(tree, list):
        return set().union(*(_names(one) for one in tree))
    return set()


NAMES = sorted(set().union(*(_names(base) for base in BASES)))
names = st.sampled_from(NAMES)
scalars = st.one_of(
    st.sampled_from(NUMBERS),
    st.sampled_from(WORDS),
    st.integers(-5, 3000),
    st.floats(0, 1),
    st.text(max_size=8),
)
keys = st.one_of(names, names, st.sampled_from(WORDS), st.text(max_size=5))
values = st.recursive(
    scalars,
    lambda below: st.one_of(
        st.lists(below, max_size=3), st.dictionaries(keys, below, max_size=3)
    ),
    max_leaves=8,
)


def _paths(tree: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [above]
    pairs = tree.items() if isinstance(tree, dict) else ()
    pairs = enumerate(tree) if isinstance(tree, list) else pairs
    for name, below in pairs:
        found += _paths(below, (*above, name))
    return found


def _changed(tree: Any, path: tuple[Any, ...], change: Any) -> Any:
    """A copy of a tree with the value at a path replaced by what `change` makes."""
    if not path:
        return change(tree)
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[path[0]] = _changed(copy[path[0]], path[1:], change)
    return copy


@st.composite
def mutated(draw: Any, most: int = 4) -> Any:
    """A tree of settings in which values, names and nesting were changed."""
    tree: Any = draw(st.sampled_from(BASES))
    for _ in range(draw(st.integers(0, most))):
        path = draw(st.sampled_from(_paths(tree)))
        change = draw(st.sampled_from((_swap, _swap, _add, _add, _drop, _wrap, _deep)))
        tree = _changed(tree, path, lambda old, change=change: change(draw, old))
    return tree


def _swap(draw: Any, old: Any) -> Any:
    return draw(scalars if not isinstance(old, (dict, list)) else values)


def _add(draw: Any, old: Any) -> Any:
    if isinstance(old, dict):
        return {**old, draw(keys): draw(values)}
    return [*old, draw(values)] if isinstance(old, list) else draw(scalars)


def _drop(draw: Any, old: Any) -> Any:
    if isinstance(old, dict) and old:
        gone = draw(st.sampled_from(list(old)))
        return {name: value for name, value in old.items() if name != gone}
    return old[1:] if isinstance(old, list) else None


def _wrap(draw: Any, old: Any) -> Any:
    return draw(st.sampled_from(([old], {"a": old}, [old, old], str(old)[:500])))


def _deep(draw: Any, old: Any) -> Any:
    for _ in range(draw(st.sampled_from((5, 60, 300)))):
        old = draw(st.just([old])) if isinstance(old, dict) else {"options": old}
    return old


finite = st.recursive(
    st.one_of(
        st.text(max_size=12),
        st.integers(),
        st.booleans(),
        st.none(),
        st.floats(allow_nan=False, allow_infinity=False),
    ),
    lambda below: st.one_of(
        st.lists(below, max_size=3), st.dictionaries(st.text(), below, max_size=3)
    ),
    max_leaves=6,
)
rates = st.floats(min_value=0, exclude_min=True, max_value=1e300)
# Values that are valid at their place, with texts and numbers that are hard to write.
TUNED: dict[tuple[Any, ...], Any] = {
    ("seed",): st.integers(0, 2**31 - 1),
    ("data", "tree"): st.text(max_size=20),
    ("data", "samples", 0, "name"): st.text(max_size=20),
    ("data", "samples", 0, "take"): st.one_of(st.just(1.0), st.integers(1, 10**18)),
    ("model", "options"): st.dictionaries(st.text(), finite, max_size=3),
    ("model", "vocabulary"): st.lists(st.integers(-(10**9), 10**9), max_size=3),
    ("training", 0, "epochs"): st.integers(1, 10**12),
    ("training", 0, "learning_rate"): rates,
    ("training", 0, "weight_decay"): rates,
    ("training", 0, "importance"): st.dictionaries(st.text(), rates, max_size=3),
    ("training", 0, "schedule"): st.sampled_from(("plateau", "step", "none")),
    ("training", 1, "warmup"): st.one_of(st.integers(0, 9), st.floats(0, 0.99)),
    ("training", 1, "batch_size"): st.sampled_from((1, 256.0, "512", "1_000")),
    ("evaluation", "efficiencies"): st.lists(st.floats(0.001, 0.999), max_size=3),
    ("local", "prepared"): st.text(max_size=20),
    ("local", "cluster"): st.just({"setup": "a\n# é\tb", "memory": "1.5 GiB"}),
}


@st.composite
def tuned(draw: Any) -> Any:
    """Settings that are all valid, or all but."""
    tree = {**OURS, "training": [{"optimizer": "lion"}, {}]}
    for path in draw(st.lists(st.sampled_from(list(TUNED)), unique=True, max_size=6)):
        value = draw(TUNED[path])
        above, name = path[:-1], path[-1]
        tree = _changed(tree, above, lambda old, n=name, v=value: _with(old, n, v))
    return tree


def _with(tree: Any, name: Any, value: Any) -> Any:
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[name] = value
    return copy
