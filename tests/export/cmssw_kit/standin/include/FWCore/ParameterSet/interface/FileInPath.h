// Looks in the one folder that CMSSW_SEARCH_PATH names.
#pragma once
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>

namespace edm {
  class FileInPath {
  public:
    explicit FileInPath(const std::string& file) : path_(std::string(std::getenv("CMSSW_SEARCH_PATH")) + "/" + file) {
      if (!std::ifstream(path_))
        throw std::runtime_error("edm::FileInPath: no file " + path_);
    }
    std::string fullPath() const { return path_; }

  private:
    std::string path_;
  };
}  // namespace edm
