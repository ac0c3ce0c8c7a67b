"""`export-network`: the network of a finder, for other software."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackdnn.commands import console
from trackdnn.commands.quiet import start_tensorflow
from trackdnn.errors import BadFileError, InputError
from trackdnn.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from export.graph_bundle import Column
    from trackdnn.graphs.edge_network.files import Description
    from trackdnn.settings.finding import FindingSettings


def run(finder: Path, output: Path, *, float_index: bool) -> None:
    """Write and prove the network of a finder; print parity and its folder."""
    from export.assembly import check_replaceable
    from export.graph_bundle import FORMAT, write_graph_bundle
    from trackdnn.graphs.edge_network import files
    from trackdnn.tracking.pipeline import folder as folders

    content = folders.read_description(finder)
    folders.check_files(finder, content)
    settings = folders.settings_of(finder, content)
    if not settings.network.enabled:
        raise InputError(
            f"'{finder}' must be a finder with a network of edges. Received: one "
            "without. Train it with --set finding.network.enabled=true."
        )
    place = finder / folders.NETWORK
    described = files.read(place)
    check_replaceable(output, FORMAT)
    start_tensorflow()
    model = _model(place, described, settings)
    manifest = write_graph_bundle(
        model,
        described.inputs,
        output,
        columns=_columns(described),
        details=_details(settings, content),
        float_index=float_index,
    )
    console.out().print(_summary(manifest))
    console.out().print(str(output), soft_wrap=True)


def _model(place: Path, described: Description, settings: FindingSettings) -> Any:
    """The network in Keras, once it scores as the finder's own file does."""
    from export.errors import ParityError
    from export.graph_bundle import TOLERANCE
    from export.graph_parity import compare_edges, edge_graphs, evaluate_edges
    from export.graph_session import GraphSession
    from network.graph_builder import GraphBuilder
    from trackdnn.graphs.edge_network import files
    from trackdnn.tracking.pivots.training import MaskTraining

    masks = MaskTraining(settings.masks).options if described.masks else None
    model = GraphBuilder(described.settings, masks=masks).build(described.inputs)
    files.load_weights(model, place)
    graphs = edge_graphs(described.inputs)
    session = GraphSession(place / files.EDGES)
    try:
        compare_edges(
            session,
            graphs,
            evaluate_edges(model, graphs),
            tolerance=TOLERANCE,
            name=files.EDGES,
        )
    except ParityError as error:
        raise BadFileError(
            f"'{place / files.WEIGHTS}' must be the weights of {files.EDGES} beside "
            f"it. Received: {error}. Train the finder again."
        ) from error
    return model


def _columns(described: Description) -> tuple[Sequence[Column], Sequence[Column]]:
    from export.graph_bundle import Column
    from trackdnn.events.features import feature_table
    from trackdnn.graphs.edge_network.meanings import GRAPH_MEANINGS

    nodes = [
        Column(feature.name, feature.formula, feature.unit)
        for feature in feature_table(described.node_features)
    ]
    names = described.inputs.edge_names
    edges = [Column(name, *GRAPH_MEANINGS[name]) for name in names]
    return nodes, edges


def _details(settings: FindingSettings, content: dict[str, Any]) -> dict[str, Any]:
    return {
        "trackdnn": __version__,
        "network": {
            "architecture": settings.network.architecture,
            "options": settings.network.options,
            "cut": settings.network.cut,
        },
        "finder": {key: content[key] for key in ("versions", "seed") if key in content},
    }


def _summary(manifest: dict[str, Any]) -> Table:
    parity = manifest["parity"]
    files = manifest["files"]
    rows = {
        name: f"max |Δ| {figures['max_difference']:.1e} on {figures['edges']:,} edges"
        + (f", {files[name]['bytes'] / 1e3:,.0f} kB" if name in files else "")
        for name, figures in parity["artifacts"].items()
    }
    threads = ", ".join(map(str, parity["equal_threads"]))
    return console.facts("", {**rows, "threads": f"{threads}: equal"})
