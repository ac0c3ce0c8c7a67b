"""The operations that are allowed exist, compute, and touch nothing else."""

from __future__ import annotations

import pytest

from export.operations import COMPUTING, SAVING, VARIABLES

# With state of their own, and none outside the graph.
INNER_STATE = """
    Assert CheckNumerics StatefulPartitionedCall If Case While RandomUniform
    TensorArrayV3 TensorArrayReadV3 TensorArrayWriteV3 TensorArrayScatterV3
    TensorArrayGatherV3 TensorArraySizeV3
"""
OUTSIDE = """
    ReadFile WriteFile MatchingFiles PyFunc EagerPyFunc PyFuncStateless Print PrintV2
    SaveV2 RestoreV2 Save Restore MergeV2Checkpoints WholeFileReaderV2 TFRecordReaderV2
    TextLineDataset WriteSummary CreateSummaryFileWriter DebugIdentityV3 DebugIdentity
    InitializeTableFromTextFileV2 LoadAndRemapMatrix GenerateVocabRemapping
    DecodeProtoV2 _Send _Recv RemoteCall RpcCall RpcServer XlaCustomCallV2 Abort
    LoadDataset SnapshotDatasetV2 VarHandleOp AssignVariableOp
"""


@pytest.fixture(scope="module")
def registered():
    import tensorflow as tf  # noqa: F401  registers on import
    from tensorflow.python.framework import op_def_registry

    return {name: op_def_registry.get(name) for name in COMPUTING}


def test_operations_exist(registered):
    assert {name for name, found in registered.items() if found is None} == set()


def test_operations_have_no_state_outside_the_graph(registered):
    stateful = {name for name, found in registered.items() if found.is_stateful}

    assert stateful <= set(INNER_STATE.split())


def test_operations_take_and_give_no_file_names(registered):
    words = ("file", "path", "address", "socket", "host", "pyfunc")

    found = {
        name
        for name, definition in registered.items()
        for part in (
            *definition.input_arg,
            *definition.output_arg,
            *definition.attr,
            definition,
        )
        if any(word in part.name.lower() for word in words)
    }

    assert found == set()


@pytest.mark.parametrize("name", OUTSIDE.split())
def test_operations_that_reach_outside_do_not_compute(name):
    assert name not in COMPUTING


def test_kinds_of_operations_do_not_overlap():
    assert not COMPUTING & VARIABLES
    assert not COMPUTING & SAVING
    assert not VARIABLES & SAVING
