// CMSSW's wrapper as a kit calls it. Each batch goes through pipes to a Python process
// with ONNX Runtime, whose command is in SERVED_BY.
#pragma once
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

namespace Ort {
  class SessionOptions;
}

namespace cms::Ort {
  typedef std::vector<std::vector<float>> FloatArrays;

  class ONNXRuntime {
  public:
    ONNXRuntime(const std::string& model_path, const ::Ort::SessionOptions* = nullptr) {
      int to[2], from[2];
      if (pipe(to) != 0 || pipe(from) != 0)
        throw std::runtime_error("no pipes");
      if (fork() == 0) {
        dup2(to[0], 0);
        dup2(from[1], 1);
        for (int end : {to[0], to[1], from[0], from[1]})
          close(end);
        execl("/bin/sh", "sh", "-c", "exec $SERVED_BY \"$0\"", model_path.c_str(), nullptr);
        _exit(127);
      }
      close(to[0]);
      close(from[1]);
      to_ = fdopen(to[1], "wb");
      from_ = fdopen(from[0], "rb");
    }
    ~ONNXRuntime() {
      fclose(to_);
      fclose(from_);
    }

    FloatArrays run(const std::vector<std::string>& input_names,
                    FloatArrays& input_values,
                    const std::vector<std::vector<int64_t>>& input_shapes = {},
                    const std::vector<std::string>& output_names = {},
                    int64_t batch_size = 1) const {
      if (batch_size <= 0 || input_names.size() != input_values.size() || output_names.size() != 1)
        throw std::runtime_error("the wrapper takes batches of at least one row");
      std::string head = std::to_string(batch_size) + " " + output_names[0];
      for (const auto& name : input_names)
        head += " " + name;
      fprintf(to_, "%s\n", head.c_str());
      for (const auto& values : input_values) {
        if (values.size() % batch_size != 0)
          throw std::runtime_error("rows are missing");
        const std::uint32_t size = values.size();
        fwrite(&size, sizeof(size), 1, to_);
        fwrite(values.data(), sizeof(float), size, to_);
      }
      fflush(to_);
      std::vector<float> output(batch_size);
      if (fread(output.data(), sizeof(float), output.size(), from_) != output.size())
        throw std::runtime_error("ONNX Runtime gave no answer");
      return {output};
    }

  private:
    FILE* to_;
    FILE* from_;
  };
}  // namespace cms::Ort
