"""The TensorFlow operations that a graph may hold: those that compute, and no others.

TensorFlow also has operations that read and write files, open connections, call Python
or end the process. A list of those would miss the next one, so this is the other list.
"""

from __future__ import annotations

_PURPOSES = {
    "structure": """
        NoOp Placeholder PlaceholderWithDefault Const Identity IdentityN StopGradient
        PreventGradient Snapshot EnsureShape CheckNumerics Assert
    """,
    "calls and branches": """
        PartitionedCall StatefulPartitionedCall If StatelessIf Case StatelessCase While
        StatelessWhile Switch Merge Enter Exit NextIteration LoopCond ControlTrigger
    """,
    "arithmetic": """
        Abs Add AddN AddV2 BiasAdd BiasAddV1 Sub Mul MulNoNan Div DivNoNan RealDiv Neg
        FloorDiv FloorMod Mod TruncateDiv TruncateMod Reciprocal Inv Square Sqrt Rsqrt
        SquaredDifference Pow Exp Expm1 Log Log1p Xlogy Xlog1py Xdivy Sign Floor Ceil
        Round Rint Maximum Minimum ClipByValue Erf Erfc Erfinv Ndtri Lgamma Digamma
        Igamma Igammac Betainc Sin Cos Tan Asin Acos Atan Atan2 Sinh Cosh Tanh Asinh
        Acosh Atanh Cumsum Cumprod
    """,
    "activations": """
        Sigmoid Softplus Softsign Softmax LogSoftmax Relu Relu6 LeakyRelu Elu Selu
    """,
    "layers": """
        MatMul BatchMatMul BatchMatMulV2 BatchMatMulV3 Einsum Conv Conv2D Conv3D
        Conv2DBackpropInput DepthwiseConv2dNative FusedBatchNorm FusedBatchNormV2
        FusedBatchNormV3 BatchNormWithGlobalNormalization L2Loss LRN MaxPool MaxPoolV2
        MaxPool3D AvgPool AvgPool3D
    """,
    "sums and orders": """
        Sum Mean Prod Max Min All Any ArgMax ArgMin EuclideanNorm SegmentSum SegmentMean
        SegmentMax SegmentMin SegmentProd UnsortedSegmentSum UnsortedSegmentMax
        UnsortedSegmentMin UnsortedSegmentProd SparseSegmentSum SparseSegmentMean TopK
        TopKV2 Unique UniqueV2 UniqueWithCounts UniqueWithCountsV2 Bincount
        DenseBincount LowerBound UpperBound Bucketize
    """,
    "comparisons": """
        Equal NotEqual ApproximateEqual Less LessEqual Greater GreaterEqual LogicalAnd
        LogicalOr LogicalNot IsNan IsInf IsFinite Select SelectV2 Where BitwiseAnd
        BitwiseOr BitwiseXor Invert LeftShift RightShift
    """,
    "shapes": """
        Shape ShapeN Size Rank Reshape ExpandDims Squeeze Transpose Concat ConcatV2
        ConcatOffset Pack Unpack Split SplitV Slice StridedSlice Pad PadV2 MirrorPad
        Tile Fill ZerosLike OnesLike BroadcastTo BroadcastArgs Range LinSpace Gather
        GatherV2 GatherNd ScatterNd TensorScatterAdd TensorScatterSub TensorScatterMax
        TensorScatterMin TensorScatterUpdate OneHot Reverse ReverseV2 ReverseSequence
        Roll InvertPermutation MatrixDiag MatrixDiagV3 MatrixDiagPartV3 MatrixBandPart
        DynamicStitch DynamicPartition Cast Bitcast
    """,
    "lists of tensors": """
        EmptyTensorList TensorListReserve TensorListStack TensorListFromTensor
        TensorListGetItem TensorListSetItem TensorListElementShape TensorListLength
        TensorListPushBack TensorListPopBack TensorArrayV3 TensorArrayReadV3
        TensorArrayWriteV3 TensorArrayScatterV3 TensorArrayGatherV3 TensorArraySizeV3
    """,
    "small numbers": """
        QuantizeV2 Dequantize FakeQuantWithMinMaxArgs FakeQuantWithMinMaxVars
        FakeQuantWithMinMaxVarsPerChannel
    """,
    # What a graph does in training, left over in old frozen graphs.
    "random numbers": "RandomUniform",
}

# In a SavedModel alone: its weights are in variables.
_VARIABLES = """
    VarHandleOp ReadVariableOp AssignVariableOp VarIsInitializedOp ResourceGather
    DisableCopyOnRead
"""
# In a SavedModel alone, where no signature reaches them: how TensorFlow saves it again.
_SAVING = """
    SaveV2 RestoreV2 MergeV2Checkpoints ShardedFilename StaticRegexFullMatch StringJoin
"""

COMPUTING = frozenset(name for names in _PURPOSES.values() for name in names.split())
VARIABLES = frozenset(_VARIABLES.split())
SAVING = frozenset(_SAVING.split())
