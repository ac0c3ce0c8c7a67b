"""The sequence of ACTS algorithms that makes a block of events.

Needs the optional packages; imported by worker processes only.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import acts
import acts.examples
import acts.examples.json

from trackdnn.simulation import detector as detectors
from trackdnn.simulation import whiteboard
from trackdnn.simulation.collector import collect
from trackdnn.simulation.event import EventState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from trackdnn.simulation.arrays import Columns
    from trackdnn.simulation.working_points import Finding, Pass, WorkingPoint

_MM = acts.UnitConstants.mm
_LEVEL = acts.logging.FATAL
# Uncertainties of a seed: loc0, loc1 (mm), phi, theta (rad), q/p (from pt), time.
_SEED_SIGMAS = [
    1.0 * _MM,
    1.0 * _MM,
    1.0 * acts.UnitConstants.degree,
    1.0 * acts.UnitConstants.degree,
    0.0,
    1.0 * acts.UnitConstants.ns,
]


class Chain:
    """Simulation and reconstruction with one working point.

    Args:
        process: Hard process, see `generator.PROCESSES`.
        mu: Mean number of pile-up interactions.
        seed: Seed of the sample.
        working_point: Cuts and passes.
    """

    def __init__(
        self, process: str, mu: float, seed: int, working_point: WorkingPoint
    ) -> None:
        self._source = (process, mu, seed)
        self._seed = seed
        self._working_point = working_point
        self._detector = detectors.build_detector()

    def simulate(self, first: int, count: int) -> list[Columns]:
        """Make events `first` to `first + count - 1`.

        Args:
            first: Number of the first event; random numbers depend on it.
            count: How many.

        Returns:
            The columns of each event.
        """
        events: list[Columns] = []
        self.run(first, count, lambda done: events.append(collect(done)))
        return events

    def run(
        self,
        first: int,
        count: int,
        finish: Callable[[EventState], None],
        more: Callable[[EventState], Iterable[Any]] = lambda _: (),
    ) -> None:
        """Run the sequence.

        Args:
            first: Number of the first event.
            count: How many.
            finish: Called with each event after its last pass.
            more: Gives the algorithms that follow the last pass.
        """
        point = self._working_point
        dead = detectors.choose_dead(self._detector.sensors, point.dead_modules)
        state = EventState(point, dead, self._seed, finish)
        with tempfile.TemporaryDirectory() as folder:
            sequencer = acts.examples.Sequencer(
                skip=first,
                events=count,
                numThreads=1,
                logLevel=_LEVEL,
                trackFpes=False,
                outputDir=folder,
                outputTimingFile="",
            )
            self._add_detector(sequencer, state, Path(folder))
            for number, one in enumerate(point.passes):
                self._add_pass(sequencer, state, number, one)
            for algorithm in more(state):
                sequencer.addAlgorithm(algorithm)
            sequencer.run()

    def _add_detector(self, sequencer: Any, state: EventState, folder: Path) -> None:
        """Collisions, detector response, lost hits."""
        random = acts.examples.RandomNumbers(seed=self._seed)
        sequencer.addReader(whiteboard.CollisionReader(state, *self._source))
        sequencer.addAlgorithm(simulation_algorithm(self._detector, random))
        sequencer.addAlgorithm(self._digitization(random, folder))
        sequencer.addAlgorithm(
            whiteboard.HitLoss(
                state, "measurements_0", self._working_point.hit_loss, self._seed
            )
        )
        sequencer.addAlgorithm(whiteboard.ParticleCollector(state))

    def _digitization(self, random: Any, folder: Path) -> Any:
        """Gaussian smearing of the hits."""
        path = detectors.write_digitization(folder)
        config = acts.examples.DigitizationAlgorithm.Config(
            digitizationConfigs=acts.examples.json.readDigiConfigFromJson(str(path)),
            surfaceByIdentifier=self._detector.geometry.geoIdSurfaceMap(),
            randomNumbers=random,
            inputSimHits="simhits",
            outputMeasurements="measurements",
            outputMeasurementParticlesMap="measurement_particles_map",
            outputMeasurementSimHitsMap="measurement_simhits_map",
            outputParticleMeasurementsMap="particle_measurements_map",
            outputSimHitMeasurementsMap="simhit_measurements_map",
        )
        return acts.examples.DigitizationAlgorithm(config, _LEVEL)

    def _add_pass(
        self, sequencer: Any, state: EventState, number: int, one: Pass
    ) -> None:
        """Space points, seeds, parameter estimate, finding, collection of one pass."""
        last = number + 1 == len(self._working_point.passes)
        rest = None if last else f"measurements_{number + 1}"
        for algorithm in (
            *self.pass_algorithms(number, one),
            whiteboard.PassCollector(state, number, f"tracks_{number}", rest),
        ):
            sequencer.addAlgorithm(algorithm)

    def pass_algorithms(self, number: int, one: Pass) -> Iterator[Any]:
        """Algorithms from the measurements of a pass to its tracks.

        Args:
            number: Place of the pass; they read `measurements_NUMBER` and write
                `tracks_NUMBER`.
            one: The pass.
        """
        yield self._space_points(number, one)
        yield seeding_algorithm(number, one)
        yield self._estimation_algorithm(number)
        yield self._finding_algorithm(number)

    def _space_points(self, number: int, one: Pass) -> Any:
        """Measurements of the seeding layers in three dimensions."""
        return acts.examples.SpacePointMaker(
            level=_LEVEL,
            inputMeasurements=f"measurements_{number}",
            outputSpacePoints=f"spacepoints_{number}",
            trackingGeometry=self._detector.geometry,
            geometrySelection=detectors.seeding_identifiers(one.seeding.sensors),
        )

    def _estimation_algorithm(self, number: int) -> Any:
        """Track parameters of the seeds."""
        return acts.examples.TrackParamsEstimationAlgorithm(
            level=_LEVEL,
            inputSeeds=f"raw_seeds_{number}",
            outputSeeds=f"seeds_{number}",
            outputTrackParameters=f"parameters_{number}",
            trackingGeometry=self._detector.geometry,
            magneticField=self._detector.field,
            initialSigmas=_SEED_SIGMAS,
            # In 1/GeV, and as a fraction of pt.
            initialSigmaQoverPt=0.1,
            initialSigmaPtRel=0.1,
            initialVarInflation=[1.0] * 6,
        )

    def _finding_algorithm(self, number: int) -> Any:
        """The combinatorial Kalman filter."""
        geometry, field = self._detector.geometry, self._detector.field
        finding, kept = self._working_point.finding, self._working_point.kept
        make = acts.examples.TrackFindingAlgorithm.makeTrackFinderFunction
        return acts.examples.TrackFindingAlgorithm(
            level=_LEVEL,
            measurementSelectorCfg=_measurement_selector(finding),
            inputMeasurements=f"measurements_{number}",
            inputInitialTrackParameters=f"parameters_{number}",
            inputSeeds=f"seeds_{number}",
            outputTracks=f"tracks_{number}",
            findTracks=make(geometry, field, _LEVEL),
            trackingGeometry=geometry,
            magneticField=field,
            trackSelectorCfg=acts.TrackSelector.Config(
                ptMin=kept.min_pt,
                absEtaMax=kept.max_abs_eta,
                minMeasurements=kept.min_valid,
                maxHoles=finding.max_holes,
                maxOutliers=finding.max_holes,
            ),
            twoWay=True,
            seedDeduplication=True,
            stayOnSeed=finding.stay_on_seed,
            # Holes beyond the first and the last measurement are inputs here.
            trimTracks=False,
        )


def simulation_algorithm(
    detector: detectors.Detector, random: Any, min_momentum: float = 0.5
) -> Any:
    """What the detector does to the particles, and where they cross its sensors.

    Args:
        detector: Geometry and field.
        random: ACTS' random numbers.
        min_momentum: Particles below are dropped, GeV; the default is that of ACTS.
    """
    return acts.examples.FatrasSimulation(
        level=_LEVEL,
        inputParticles="particles_generated",
        outputParticles="particles_simulated",
        outputSimHits="simhits",
        randomNumbers=random,
        trackingGeometry=detector.geometry,
        magneticField=detector.field,
        pMin=min_momentum,
        generateHitsOnSensitive=True,
        emScattering=True,
        emEnergyLossIonisation=True,
        emEnergyLossRadiation=True,
        emPhotonConversion=True,
    )


def seeding_algorithm(number: int, one: Pass) -> Any:
    """Triplets of space points on a grid."""
    seeding = one.seeding
    return acts.examples.GridTripletSeedingAlgorithm(
        level=_LEVEL,
        inputSpacePoints=f"spacepoints_{number}",
        outputSeeds=f"raw_seeds_{number}",
        bFieldInZ=detectors.FIELD_TESLA * acts.UnitConstants.T,
        minPt=seeding.min_pt,
        impactMax=seeding.impact_mm,
        maxSeedsPerSpM=seeding.seeds_per_middle,
        sigmaScattering=seeding.scattering,
        collisionRegionMin=-seeding.collision_mm,
        collisionRegionMax=seeding.collision_mm,
        deltaRMin=seeding.delta_r_mm[0],
        deltaRMax=seeding.delta_r_mm[1],
        rMinMiddle=seeding.middle_r_mm[0],
        rMaxMiddle=seeding.middle_r_mm[1],
        rMin=seeding.radius_mm[0],
        rMax=seeding.radius_mm[1],
        cotThetaMax=seeding.max_cot_theta,
    )


def _measurement_selector(finding: Finding) -> Any:
    """The same chi2 cuts on all sensors."""
    cuts: tuple[list[float], ...] = (
        [],
        [finding.chi2_measurement],
        [finding.chi2_outlier],
        [finding.branches],
    )
    return acts.MeasurementSelector.Config([(acts.GeometryIdentifier(), cuts)])
