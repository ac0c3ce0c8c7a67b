// Does the ONNX file score the probe as Keras did, through the wrapper of CMSSW?
#include <algorithm>
#include <iterator>

#include "PhysicsTools/ONNXRuntime/interface/ONNXRuntime.h"

#include "probe.h"

namespace {
  // Events have any number of tracks; the wrapper takes none of zero.
  constexpr std::size_t batchSizes[] = {1, 16, 17, 64};

  std::vector<float> score(const cms::Ort::ONNXRuntime& session, const kit::Probe& probe) {
    std::vector<float> probability;
    std::size_t batch = 0;
    while (probability.size() < probe.rows) {
      const std::size_t first = probability.size();
      const std::size_t used = std::min(batchSizes[batch++ % std::size(batchSizes)], probe.rows - first);
      const auto x = probe.features.begin() + first * kit::width;
      const auto y = probe.category.begin() + first;
      cms::Ort::FloatArrays inputs = {{x, x + used * kit::width}, {y, y + used}};
      const cms::Ort::FloatArrays outputs =
          session.run({kit::features, kit::category}, inputs, {}, {kit::onnxOutput}, used);
      if (outputs.at(0).size() != used)
        throw std::runtime_error("the network must give one probability for each track");
      probability.insert(probability.end(), outputs[0].begin(), outputs[0].end());
    }
    return probability;
  }
}  // namespace

int main() try {
  const kit::Probe probe = kit::readProbe();
  const cms::Ort::ONNXRuntime session(kit::found(kit::onnxFile));
  return kit::compare(probe, score(session, probe), "ONNX Runtime");
} catch (const std::exception& error) {
  std::cerr << "failed: " << error.what() << std::endl;
  return 1;
}
