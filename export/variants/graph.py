"""An ONNX graph that can be rewritten: nodes, constants, who makes and who takes what.

Nodes are replaced by adding others and leading the users of a tensor to a new one;
what nobody takes any more disappears when the graph is written down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from export.errors import ConversionError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Array = Any


class Graph:
    """The graph of an ONNX model, to be changed and written down as a new model.

    Args:
        proto: An `onnx.ModelProto`; it stays as it is.

    Raises:
        ConversionError: If nodes hold graphs of their own, such as loops.
    """

    def __init__(self, proto: Any) -> None:
        import onnx

        self._source = proto
        inferred = onnx.shape_inference.infer_shapes(proto).graph
        self._shapes = {
            value.name: _shape(value)
            for value in (*inferred.input, *inferred.value_info, *inferred.output)
        }
        self.constants: dict[str, NDArray[Any]] = {
            one.name: onnx.numpy_helper.to_array(one) for one in proto.graph.initializer
        }
        self.nodes: list[Any] = []
        for node in proto.graph.node:
            self._take(node)
        self._count = 0
        self._index()

    def _take(self, node: Any) -> None:
        import onnx

        if any(a.HasField("g") or a.graphs for a in node.attribute):
            raise ConversionError(
                "A network to be rewritten must have no graphs within nodes. "
                f"Received: {node.op_type} '{node.name}'"
            )
        values = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        if node.op_type == "Constant" and "value" in values:
            array = onnx.numpy_helper.to_array(values["value"])
            self.constants[node.output[0]] = array
        else:
            copy = onnx.NodeProto()
            copy.CopyFrom(node)
            self.nodes.append(copy)

    def _index(self) -> None:
        self._makers = {name: node for node in self.nodes for name in node.output}
        self._takers: dict[str, list[Any]] = {}
        for node in self.nodes:
            for name in node.input:
                self._takers.setdefault(name, []).append(node)

    @property
    def opset(self) -> int:
        """Version of ONNX's own operators."""
        imports = self._source.opset_import
        return next(int(o.version) for o in imports if o.domain in ("", "ai.onnx"))

    @property
    def outputs(self) -> list[str]:
        """Names of what the graph gives."""
        return [value.name for value in self._source.graph.output]

    def maker(self, name: str) -> Any | None:
        """The node that makes a tensor; `None` for inputs and constants."""
        return self._makers.get(name)

    def takers(self, name: str) -> list[Any]:
        """The nodes that take a tensor, once for each time that they do."""
        return self._takers.get(name, [])

    def used_once(self, name: str) -> bool:
        """Whether one node takes a tensor, and the graph does not give it."""
        return len(self.takers(name)) == 1 and name not in self.outputs

    def shape(self, name: str) -> tuple[int, ...] | None:
        """Shape of a tensor, -1 for an unknown length; `None` if it is not known."""
        if name in self.constants:
            return self.constants[name].shape
        return self._shapes.get(name)

    def matrix(self, name: str) -> bool:
        """Whether a tensor is known to have two axes."""
        shape = self.shape(name)
        return shape is not None and len(shape) == 2

    def constant(self, array: Array) -> str:
        """Add a constant.

        Returns:
            Its name.
        """
        name = self._name("constant")
        self.constants[name] = np.asarray(array)
        return name

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node with one output.

        Returns:
            The name of its output.
        """
        return self.add_many(kind, inputs, 1, **attributes)[0]

    def add_many(
        self, kind: str, inputs: tuple[str, ...], count: int, **attributes: Any
    ) -> list[str]:
        """Add a node with several outputs.

        Returns:
            The names of its outputs.
        """
        import onnx

        names = [self._name(kind.lower()) for _ in range(count)]
        node = onnx.helper.make_node(kind, list(inputs), names, names[0], **attributes)
        self.nodes.append(node)
        self._index()
        return names

    def replace(self, old: str, new: str) -> None:
        """Lead everything that takes `old`, the outside included, to `new`.

        Args:
            old: A tensor that a node makes.
            new: A tensor that a node made by `add` makes.
        """
        for node in self.takers(old):
            for place, name in enumerate(node.input):
                if name == old:
                    node.input[place] = new
        if old in self.outputs:
            # The outside knows the name: it moves to the new node.
            self._rename(old, self._name("replaced"))
            self._rename(new, old)
        elif new not in self._shapes and old in self._shapes:
            self._shapes[new] = self._shapes[old]
        self._index()

    def _rename(self, old: str, new: str) -> None:
        for node in self.nodes:
            for names in (node.input, node.output):
                for place, name in enumerate(names):
                    if name == old:
                        names[place] = new

    def _name(self, kind: str) -> str:
        taken = (*self.constants, *self._shapes)
        while True:
            self._count += 1
            name = f"{kind}_{self._count}"
            if name not in taken and name not in self._makers:
                return name

    def proto(self) -> Any:
        """The graph as a new, checked `onnx.ModelProto` without what nobody takes.

        Raises:
            ConversionError: If ONNX's checker refuses it.
        """
        import onnx

        nodes = self.ordered()
        used = {name for node in nodes for name in node.input}
        made = onnx.ModelProto()
        made.CopyFrom(self._source)
        del made.graph.node[:], made.graph.initializer[:], made.graph.value_info[:]
        made.graph.node.extend(nodes)
        made.graph.initializer.extend(
            onnx.numpy_helper.from_array(array, name)
            for name, array in self.constants.items()
            if name in used
        )
        keep = {node.domain for node in nodes} | {""}
        imports = [item for item in made.opset_import if item.domain in keep]
        del made.opset_import[:]
        made.opset_import.extend(imports)
        try:
            onnx.checker.check_model(made, full_check=True)
        except Exception as error:
            reason = " ".join(str(error).split())
            raise ConversionError(
                f"A rewritten network must pass the ONNX checker. Received: {reason}"
            ) from error
        return made

    def ordered(self) -> list[Any]:
        """The nodes that the outputs need, each behind those that it takes from."""
        ordered: list[Any] = []
        done: set[int] = set()
        waiting = [(name, False) for name in reversed(self.outputs)]
        while waiting:
            name, ready = waiting.pop()
            node = self.maker(name)
            if node is None or id(node) in done:
                continue
            if ready:
                done.add(id(node))
                ordered.append(node)
                continue
            waiting.append((name, True))
            waiting += [(one, False) for one in reversed(node.input)]
        return ordered


def attribute(node: Any, name: str, default: Any = None) -> Any:
    """The value of an attribute of a node."""
    import onnx

    for one in node.attribute:
        if one.name == name:
            return onnx.helper.get_attribute_value(one)
    return default


def products(graph: Graph) -> list[Any]:
    """The nodes that multiply rows by a constant float32 matrix, in the order of nodes.

    `Gemm` counts where it is x W + b and nothing more.
    """
    return [node for node in graph.nodes if _is_product(graph, node)]


def _is_product(graph: Graph, node: Any) -> bool:
    if node.op_type not in ("MatMul", "Gemm") or not graph.matrix(node.input[0]):
        return False
    weights = graph.constants.get(node.input[1])
    if weights is None or weights.ndim != 2 or weights.dtype != np.float32:
        return False
    return _plain(node)


def _plain(node: Any) -> bool:
    usual = {"alpha": 1.0, "beta": 1.0, "transA": 0, "transB": 0}
    return all(attribute(node, name, value) == value for name, value in usual.items())


def _shape(value: Any) -> tuple[int, ...] | None:
    kind = value.type.tensor_type
    if not kind.HasField("shape"):
        return None
    axes = kind.shape.dim
    return tuple(a.dim_value if a.HasField("dim_value") else -1 for a in axes)
