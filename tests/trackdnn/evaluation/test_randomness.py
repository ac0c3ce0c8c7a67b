import numpy as np

from trackdnn.evaluation.randomness import generator


def test_generator_follows_seed_and_purpose():
    def draw(seed, purpose):
        return generator(seed, purpose).random(4).tolist()

    assert draw(1, "bootstrap") == draw(1, "bootstrap")
    assert draw(1, "bootstrap") != draw(2, "bootstrap")
    assert draw(1, "bootstrap") != draw(1, "importance")
    assert np.isfinite(draw(1, "")).all()
