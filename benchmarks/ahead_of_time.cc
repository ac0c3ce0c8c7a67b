// One batch size of a network that was compiled ahead of time, without a TensorFlow
// session. Reads from stdin all features, then all categories, as float32; writes a
// score per row to stdout. Rows beyond the last batch hold NaN.
//
// Built by benchmarks/ahead_of_time.py with
//   -DHEADER="NAME.h" -DNETWORK=trackdnn::batch16 -DROWS=16 -DWIDTH=29
//   -DFEATURES=arg_feed_x_data -DCATEGORY=arg_feed_y_data
#define EIGEN_USE_THREADS

#include <algorithm>
#include <cstdio>
#include <limits>
#include <vector>

#include HEADER

int main() {
  std::vector<float> content;
  float buffer[1024];
  while (size_t count = std::fread(buffer, sizeof(float), 1024, stdin))
    content.insert(content.end(), buffer, buffer + count);
  const size_t rows = content.size() / (WIDTH + 1);
  const float* features = content.data();
  const float* category = features + rows * WIDTH;
  const float nothing = std::numeric_limits<float>::quiet_NaN();

  NETWORK network;
  for (size_t low = 0; low < rows; low += ROWS) {
    const size_t here = std::min<size_t>(ROWS, rows - low);
    std::fill_n(network.FEATURES(), ROWS * WIDTH, nothing);
    std::fill_n(network.CATEGORY(), ROWS, nothing);
    std::copy_n(features + low * WIDTH, here * WIDTH, network.FEATURES());
    std::copy_n(category + low, here, network.CATEGORY());
    if (!network.Run()) {
      std::fprintf(stderr, "%s\n", network.error_msg().c_str());
      return 1;
    }
    std::fwrite(network.result0_data(), sizeof(float), here, stdout);
  }
  return 0;
}
