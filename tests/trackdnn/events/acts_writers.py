"""Events as the CSV writers of ACTS write them; needs the optional packages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]


def write_acts_events(folder: Path, *, events: int) -> None:
    """Runs ACTS in a process of its own, as it prints and keeps what it loads."""
    command = [sys.executable, "-m", "tests.trackdnn.events.acts_writers"]
    done = subprocess.run(
        [*command, str(folder), str(events)], cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(done.stdout[-2000:] + done.stderr[-2000:])


def _run(folder: str, events: int) -> None:
    import acts
    from acts import examples

    from trackdnn.simulation import detector as detectors
    from trackdnn.simulation import whiteboard
    from trackdnn.simulation.event import EventState
    from trackdnn.simulation.working_points import WORKING_POINTS

    level = acts.logging.ERROR
    detector = detectors.build_detector()
    dead = detectors.choose_dead(detector.sensors, 0.0)
    point = next(iter(WORKING_POINTS.values()))
    state = EventState(point, dead, 1, lambda _: None)
    run = examples.Sequencer(
        events=events,
        numThreads=1,
        logLevel=level,
        trackFpes=False,
        outputDir=folder,
        outputTimingFile="",
    )
    run.addReader(whiteboard.CollisionReader(state, "ttbar", 1.0, 1))
    for algorithm in _algorithms(detector, level, Path(folder)):
        run.addAlgorithm(algorithm)
    for writer in _writers(detector, level=level, outputDir=folder):
        run.addWriter(writer)
    run.run()


def _algorithms(detector: Any, level: Any, folder: Path) -> list[Any]:
    from acts import examples
    from acts.examples import json

    from trackdnn.simulation.detector import write_digitization

    random = examples.RandomNumbers(seed=1)
    path = write_digitization(folder)
    config = examples.DigitizationAlgorithm.Config(
        digitizationConfigs=json.readDigiConfigFromJson(str(path)),
        surfaceByIdentifier=detector.geometry.geoIdSurfaceMap(),
        randomNumbers=random,
        inputSimHits="simhits",
        outputMeasurements="measurements",
        outputMeasurementParticlesMap="measurement_particles",
        outputMeasurementSimHitsMap="measurement_simhits",
        outputParticleMeasurementsMap="particle_measurements",
        outputSimHitMeasurementsMap="simhit_measurements",
    )
    simulation = examples.FatrasSimulation(
        level=level,
        inputParticles="particles_generated",
        outputParticles="particles_simulated",
        outputSimHits="simhits",
        randomNumbers=random,
        trackingGeometry=detector.geometry,
        magneticField=detector.field,
        generateHitsOnSensitive=True,
        emScattering=True,
    )
    return [simulation, examples.DigitizationAlgorithm(config, level)]


def _writers(detector: Any, **options: Any) -> list[Any]:
    from acts import examples

    made = "particles_simulated"
    return [
        examples.CsvParticleWriter(inputParticles=made, outputStem=made, **options),
        examples.CsvSimHitWriter(inputSimHits="simhits", outputStem="hits", **options),
        examples.CsvMeasurementWriter(
            inputMeasurements="measurements",
            inputMeasurementSimHitsMap="measurement_simhits",
            **options,
        ),
        examples.CsvTrackingGeometryWriter(
            trackingGeometry=detector.geometry, writePerEvent=False, **options
        ),
    ]


if __name__ == "__main__":
    _run(sys.argv[1], int(sys.argv[2]))
