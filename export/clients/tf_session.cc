// A frozen graph in TensorFlow's C++ API, served as PhysicsTools/TensorFlow of CMSSW
// does: one session for all threads, tensors by name, work done in the calling thread.
//
//     tf_session GRAPH.pb PROBE [--threads N] [--batch B] [--repeat N]
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client.h"
#include "tensorflow/c/c_api.h"
#include "tensorflow/core/framework/graph.pb.h"
#include "tensorflow/core/framework/tensor.h"
#include "tensorflow/core/platform/env.h"
#include "tensorflow/core/platform/threadpool_interface.h"
#include "tensorflow/core/platform/threadpool_options.h"
#include "tensorflow/core/public/session.h"

namespace {

// The framework that calls has threads of its own; TensorFlow shall start none.
class CallingThread : public tensorflow::thread::ThreadPoolInterface {
 public:
  void Schedule(std::function<void()> work) override { work(); }
  int NumThreads() const override { return 1; }
  int CurrentThreadId() const override { return -1; }
};

struct Buffers {
  std::vector<std::pair<std::string, tensorflow::Tensor>> inputs;
  std::vector<tensorflow::Tensor> outputs;
};

template <typename Status>
void require(const Status &status, const char *what) {
  if (!status.ok()) client_fail("%s. Received: %s", what, status.ToString().c_str());
}

void *load(const char *path, const probe_file *) {
  tensorflow::GraphDef graph;
  require(tensorflow::ReadBinaryProto(tensorflow::Env::Default(), path, &graph),
          "The model must be a frozen graph");
  tensorflow::SessionOptions options;
  options.config.set_intra_op_parallelism_threads(1);
  options.config.set_inter_op_parallelism_threads(1);
  tensorflow::Session *session = nullptr;
  require(tensorflow::NewSession(options, &session), "A session must start");
  require(session->Create(graph), "TensorFlow must take the graph");
  return session;
}

tensorflow::Tensor tensor(size_t rows, size_t columns) {
  return tensorflow::Tensor(
      tensorflow::DT_FLOAT,
      tensorflow::TensorShape({int64_t(rows), int64_t(columns)}));
}

void open(client_batch *batch) {
  const probe_file &probe = *batch->probe;
  auto buffers = std::make_unique<Buffers>();
  buffers->inputs = {{probe.names[FEATURES], tensor(batch->rows, probe.width)},
                     {probe.names[CATEGORY], tensor(batch->rows, 1)}};
  batch->features = buffers->inputs[0].second.flat<float>().data();
  batch->category = buffers->inputs[1].second.flat<float>().data();
  batch->own = buffers.release();
}

void run(client_batch *batch) {
  static CallingThread pool;
  auto *session = static_cast<tensorflow::Session *>(batch->model);
  auto *buffers = static_cast<Buffers *>(batch->own);
  tensorflow::RunOptions options;
  tensorflow::RunMetadata metadata;
  tensorflow::thread::ThreadPoolOptions pools;
  pools.inter_op_threadpool = pools.intra_op_threadpool = &pool;
  const std::vector<std::string> outputs = {batch->probe->names[FROZEN_GRAPH]};
  require(session->Run(options, buffers->inputs, outputs, {}, &buffers->outputs,
                       &metadata, pools),
          "TensorFlow must run the graph");
  const tensorflow::Tensor &scores = buffers->outputs[0];
  if (scores.dtype() != tensorflow::DT_FLOAT || scores.dims() != 2 ||
      scores.NumElements() != int64_t(batch->rows))
    client_fail("The output must be float32 [%zu, 1]. Received: %s", batch->rows,
                scores.DebugString(0).c_str());
  batch->scores = scores.flat<float>().data();
}

void close(client_batch *batch) { delete static_cast<Buffers *>(batch->own); }

}  // namespace

int main(int count, char **words) {
  const client_runtime runtime = {"tf_session", "TensorFlow", TF_Version,
                                  load, open, run, close};
  return client_main(count, words, &runtime);
}
