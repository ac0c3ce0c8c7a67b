// Does the graph score the probe as Keras did, called as TrackTfClassifier calls it?
#include <algorithm>
#include <limits>
#include <memory>

#include "PhysicsTools/TensorFlow/interface/TensorFlow.h"

#include "probe.h"

namespace {
  constexpr int batchSize = 16;

  // Before the first track arrives, memory may hold anything.
  void fillWithGarbage(tensorflow::Tensor& tensor) {
    auto values = tensor.flat<float>();
    for (int i = 0; i < values.size(); ++i)
      values(i) = i % 2 ? std::numeric_limits<float>::quiet_NaN() : 3e38f;
  }

  std::vector<float> score(tensorflow::Session* session, const kit::Probe& probe) {
    tensorflow::Tensor x(tensorflow::DT_FLOAT, {batchSize, kit::width});
    tensorflow::Tensor y(tensorflow::DT_FLOAT, {batchSize, 1});
    fillWithGarbage(x);
    fillWithGarbage(y);
    std::vector<float> probability(probe.rows);
    // One run more than there are full batches; its other rows stay as they were.
    for (std::size_t first = 0; first <= probe.rows; first += batchSize) {
      const std::size_t used = std::min<std::size_t>(batchSize, probe.rows - first);
      for (std::size_t row = 0; row < used; ++row) {
        for (unsigned column = 0; column < kit::width; ++column)
          x.matrix<float>()(row, column) = probe.features[(first + row) * kit::width + column];
        y.matrix<float>()(row, 0) = probe.category[first + row];
      }
      const tensorflow::NamedTensorList inputs = {{kit::features, x}, {kit::category, y}};
      std::vector<tensorflow::Tensor> outputs;
      tensorflow::run(session, inputs, {kit::graphOutput}, &outputs);
      for (std::size_t row = 0; row < used; ++row)
        probability[first + row] = outputs.at(0).matrix<float>()(row, 0);
    }
    return probability;
  }
}  // namespace

int main() try {
  const kit::Probe probe = kit::readProbe();
  const std::unique_ptr<tensorflow::GraphDef> graph(tensorflow::loadGraphDef(kit::found(kit::graphFile)));
  const std::unique_ptr<tensorflow::Session> session(tensorflow::createSession(graph.get()));
  return kit::compare(probe, score(session.get(), probe), "TensorFlow");
} catch (const std::exception& error) {
  std::cerr << "failed: " << error.what() << std::endl;
  return 1;
}
