// The functions of CMSSW's wrapper that a kit calls, over TensorFlow's own C++ API.
#pragma once
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tensorflow/core/framework/tensor.h"
#include "tensorflow/core/platform/env.h"
#include "tensorflow/core/public/session.h"

namespace tensorflow {
  typedef std::pair<std::string, Tensor> NamedTensor;
  typedef std::vector<NamedTensor> NamedTensorList;

  inline void require(const Status& status) {
    if (!status.ok())
      throw std::runtime_error(status.ToString());
  }

  inline GraphDef* loadGraphDef(const std::string& pbFile) {
    GraphDef* graph = new GraphDef();
    require(ReadBinaryProto(Env::Default(), pbFile, graph));
    return graph;
  }

  inline Session* createSession(const GraphDef* graph) {
    SessionOptions options;
    options.config.set_intra_op_parallelism_threads(1);
    options.config.set_inter_op_parallelism_threads(1);
    Session* session = nullptr;
    require(NewSession(options, &session));
    require(session->Create(*graph));
    return session;
  }

  inline void run(Session* session,
                  const NamedTensorList& inputs,
                  const std::vector<std::string>& outputNames,
                  std::vector<Tensor>* outputs,
                  const std::string& threadPoolName = "no_threads") {
    require(session->Run(inputs, outputNames, {}, outputs));
  }
}  // namespace tensorflow
