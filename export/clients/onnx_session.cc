// An ONNX file in ONNX Runtime's C++ API, in the manner of PhysicsTools/ONNXRuntime of
// CMSSW: flat vectors of floats, tensors by name, one thread within an operation, the
// first axis is the batch.
//
//     onnx_session MODEL.onnx PROBE [--threads N] [--batch B] [--repeat N]
#define ORT_API_MANUAL_INIT
#include <onnxruntime_cxx_api.h>

#include <exception>
#include <memory>
#include <vector>

#include "client.h"

namespace {

using FloatArrays = std::vector<std::vector<float>>;

struct Buffers {
  FloatArrays inputs;
  std::vector<float> scores;
};

const char *version() { return OrtGetApiBase()->GetVersionString(); }

void *load(const char *path, const probe_file *) try {
  static Ort::Env environment(ORT_LOGGING_LEVEL_ERROR, "onnx_session");
  Ort::SessionOptions options;
  options.SetIntraOpNumThreads(1);
  return new Ort::Session(environment, path, options);
} catch (const std::exception &error) {
  client_fail("ONNX Runtime must take the model. Received: %s", error.what());
  return nullptr;
}

void open(client_batch *batch) {
  auto buffers = std::make_unique<Buffers>();
  buffers->inputs.emplace_back(batch->rows * batch->probe->width);
  buffers->inputs.emplace_back(batch->rows);
  batch->features = buffers->inputs[0].data();
  batch->category = buffers->inputs[1].data();
  batch->own = buffers.release();
}

void run(client_batch *batch) try {
  auto *session = static_cast<Ort::Session *>(batch->model);
  auto *buffers = static_cast<Buffers *>(batch->own);
  const char *inputs[] = {batch->probe->names[FEATURES], batch->probe->names[CATEGORY]};
  const char *output = batch->probe->names[ONNX];
  const auto memory = Ort::MemoryInfo::CreateCpu(OrtDeviceAllocator, OrtMemTypeCPU);
  std::vector<Ort::Value> tensors;
  for (auto &values : buffers->inputs) {
    const auto rows = static_cast<int64_t>(batch->rows);
    const int64_t shape[] = {rows, static_cast<int64_t>(values.size()) / rows};
    tensors.push_back(Ort::Value::CreateTensor<float>(memory, values.data(),
                                                      values.size(), shape, 2));
  }
  auto found = session->Run(Ort::RunOptions{nullptr}, inputs, tensors.data(), 2,
                            &output, 1);
  const auto info = found[0].GetTensorTypeAndShapeInfo();
  if (info.GetElementType() != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT ||
      info.GetElementCount() != batch->rows)
    client_fail("The output must be one float32 for each of %zu rows. Received: %zu",
                batch->rows, info.GetElementCount());
  const float *first = found[0].GetTensorData<float>();
  buffers->scores.assign(first, first + batch->rows);
  batch->scores = buffers->scores.data();
} catch (const std::exception &error) {
  client_fail("ONNX Runtime must run the model. Received: %s", error.what());
}

void close(client_batch *batch) { delete static_cast<Buffers *>(batch->own); }

}  // namespace

int main(int count, char **words) {
  const OrtApi *api = OrtGetApiBase()->GetApi(ORT_API_VERSION);
  // A library older than the headers does not know their interface.
  if (api == nullptr)
    client_fail("ONNX Runtime must be at least 1.%d, as its headers are. Received: %s",
                ORT_API_VERSION, version());
  Ort::InitApi(api);
  const client_runtime runtime = {"onnx_session", "ONNX Runtime", version,
                                  load, open, run, close};
  return client_main(count, words, &runtime);
}
