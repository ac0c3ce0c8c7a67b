// Inputs and the probabilities that Keras gave them; comparing with those of a runtime.
#ifndef TrackDnn_probe_h
#define TrackDnn_probe_h

#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iostream>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

// Releases differ in where it is.
#if __has_include("FWCore/Utilities/interface/FileInPath.h")
#include "FWCore/Utilities/interface/FileInPath.h"
#else
#include "FWCore/ParameterSet/interface/FileInPath.h"
#endif

#include "kit.h"

namespace kit {

  struct Probe {
    std::size_t rows = 0;
    std::vector<float> features;  // rows x width, row by row
    std::vector<float> category;
    std::vector<float> probability;
  };

  inline std::string found(const char* file) { return edm::FileInPath(file).fullPath(); }

  inline void readFloats(std::ifstream& stream, std::vector<float>& values, std::size_t count) {
    values.resize(count);
    stream.read(reinterpret_cast<char*>(values.data()), count * sizeof(float));
  }

  inline Probe readProbe() {
    const std::string path = found(probeFile);
    std::ifstream stream(path, std::ios::binary);
    char magic[8];
    std::uint32_t shape[2] = {0, 0};
    stream.read(magic, sizeof(magic));
    stream.read(reinterpret_cast<char*>(shape), sizeof(shape));
    if (!stream || std::memcmp(magic, "CMSPROBE", sizeof(magic)) != 0 || shape[0] == 0 || shape[1] != width)
      throw std::runtime_error(path + " is no probe of " + name);
    Probe probe;
    probe.rows = shape[0];
    readFloats(stream, probe.features, probe.rows * width);
    readFloats(stream, probe.category, probe.rows);
    readFloats(stream, probe.probability, probe.rows);
    if (!stream || stream.peek() != std::ifstream::traits_type::eof())
      throw std::runtime_error(path + " has not the length that it tells");
    return probe;
  }

  // Prints one line; the exit code of the test.
  inline int compare(const Probe& probe, const std::vector<float>& probability, const char* runtime) {
    std::size_t wrong = 0, worst = 0;
    float largest = 0;
    for (std::size_t row = 0; row < probe.rows; ++row) {
      float difference = std::abs(probability[row] - probe.probability[row]);
      if (std::isnan(difference))
        difference = std::numeric_limits<float>::infinity();
      if (difference > tolerance)
        ++wrong;
      if (difference > largest) {
        largest = difference;
        worst = row;
      }
    }
    std::ostream& out = wrong ? std::cerr : std::cout;
    out << (wrong ? "failed: " : "ok: ") << name << " in " << runtime << ", " << probe.rows
        << " rows, " << wrong << " wrong, max |difference| " << largest << " (row " << worst << ": " << probability[worst] << ", Keras "
        << probe.probability[worst] << "), tolerance " << tolerance << std::endl;
    return wrong ? 1 : 0;
  }

}  // namespace kit

#endif
