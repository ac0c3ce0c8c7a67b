"""YOUR experiment. `python main.py` reads the dict `settings` below.

Leave a key out and its default stands (docs/training.md); try another value with
`python main.py --set training.epochs=5`. An unknown key is an error, never ignored.
"""

settings = {
    "seed": 1,
    "data": {
        # ROOT files of trackingNtuple, by name of the sample; globs, folders, lists and
        # URLs too. To limit a sample, to a share or a number of its events:
        # {"qcd": {"files": ["qcd/*.root"], "take": 0.5}}
        # In place of both samples: "prepared": "dataset", a folder made by `prepare`.
        "samples": {"simulated": ["samples/train.root"]},
        # Without them, the fraction split.test of the events above is for the test.
        "test_samples": {"simulated": ["samples/test.root"]},
        "tree": "trackingNtuple/tree",
        # "auto", or the branch: trk_isTrue, trk_simTrkIdx, trk_bestSimTrkIdx
        "label": "auto",
        "selection": {
            # muon-seeded iterations take no part in the track selection
            "drop_algorithms": [13, 14],
            "min_strip_hits": 0,
        },
        # by event, never by track; with a seed of its own
        "split": {"validation": 0.2, "test": 0.0, "seed": 1},
    },
    "model": {
        # "default", or the references: "cms2020", "cms_run3"
        "architecture": "default",
        # of the architecture, such as {"width": 128}; see docs/network.md
        "options": {},
        "sanitizer": {"lower_quantile": 0.001, "upper_quantile": 0.999},
    },
    "training": [
        {
            # For a small sample; with millions of tracks take 20 epochs of 1024.
            "epochs": 30,
            "batch_size": 256,
            # These three and many more, with options: docs/optimization.md.
            "optimizer": {"name": "adamw", "weight_decay": 1e-2},
            "learning_rate": 2e-3,
            "schedule": "cosine",
            # "none", "log_pt", "flat_pt", "algorithm_class"; see docs/sampling.md
            "weights": "none",
            # of samples, such as {"displaced": 3.0}
            "importance": {},
            # Which training tracks an epoch visits, and how often.
            "sampling": {
                # "none", "equal", or "floor": none smaller than a share of the largest
                "iterations": "none",
                "floor": 0.1,
                # "none", or "equal": as many true as fake tracks in each iteration
                "truth": "none",
                # by leaving tracks out ("down") or by repeating them ("up")
                "resample": "down",
                # shares or numbers of tracks of samples: {"qcd": 0.7, "ttbar": 0.3}
                "mixture": {},
            },
            # Beyond so many tracks, blocks of neighbours are streamed and mixed.
            "shuffle": {"buffer": 1_048_576, "block": 1024},
            "early_stopping": {"monitor": "val_auc", "patience": 6},
        }
    ],
    "evaluation": {
        "efficiencies": [0.90, 0.95, 0.99],
        # cuts per iteration, at an efficiency or at a fake rate
        "working_points": [
            {"name": "loose", "target": "efficiency", "value": 0.99},
            {"name": "tight", "target": "efficiency", "value": 0.97},
            {"name": "highPurity", "target": "efficiency", "value": 0.95},
        ],
    },
    # Where the bundle is to run (`python main.py targets`); these load everywhere.
    "export": {"target": "cmssw-13_0", "opset": 13, "ir_version": 7},
    # From hits to tracks (docs/tracking.md); the classifier above needs none of it.
    "finding": {
        # "module_map", "voxel_dynamics" or "neighbours"
        "constructor": "module_map",
        # "walkthrough", "components", "dbscan" or "hdbscan"
        "builder": "walkthrough",
        # which particles are asked for: GeV, pseudorapidity, layers with a hit
        "judgement": {"preset": "trackdnn", "min_pt": 0.9, "max_abs_eta": 4.0},
    },
    # Where and how it runs; never changes the network that results.
    "local": {
        "gpus": 0,
        "cpu_threads": 0,
        # processes that prepare ROOT files; 0: one per core, fewer for small files
        "workers": 0,
        # where data go that are prepared on the way to a training
        "prepared": "prepared",
        # "tensorboard" or "wandb" to watch it in a browser
        "tracker": "none",
    },
}
