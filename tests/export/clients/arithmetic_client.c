/* A client whose score is the sum of a row's inputs plus the number in its model. It
 * tells on stderr how often it ran, and how many rows held garbage. */
#include "client.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long calls, garbage, open_batches;

static const char *version(void) { return "1"; }

static void *load(const char *path, const probe_file *probe) {
  size_t size = 0;
  char *text = (char *)read_whole_file(path, &size);
  float *offset = (float *)malloc(sizeof *offset);
  if (text == NULL || probe->width == 0) client_fail("no\nmodel in %s", path);
  text[size] = 0;
  *offset = strtof(text, NULL);
  free(text);
  return offset;
}

static void open_batch(client_batch *batch) {
  size_t rows = batch->rows, width = batch->probe->width;
  batch->own = malloc(rows * (width + 2) * sizeof(float));
  batch->features = (float *)batch->own;
  batch->category = batch->features + rows * width;
  batch->scores = batch->category + rows;
  pthread_mutex_lock(&lock);
  ++open_batches;
  pthread_mutex_unlock(&lock);
}

static void run(client_batch *batch) {
  float *scores = batch->category + batch->rows;
  long odd = 0;
  for (size_t i = 0; i < batch->rows; ++i) {
    scores[i] = batch->category[i] + *(float *)batch->model;
    for (size_t j = 0; j < batch->probe->width; ++j)
      scores[i] += batch->features[i * batch->probe->width + j];
    odd += !isfinite(scores[i]) || fabsf(scores[i]) > 1e9f;
  }
  pthread_mutex_lock(&lock);
  ++calls;
  garbage += odd;
  pthread_mutex_unlock(&lock);
}

static void close_batch(client_batch *batch) {
  free(batch->own);
  pthread_mutex_lock(&lock);
  --open_batches;
  pthread_mutex_unlock(&lock);
}

int main(int count, char **words) {
  const client_runtime runtime = {"arithmetic", "Arithmetic", version,
                                  load, open_batch, run, close_batch};
  int code = client_main(count, words, &runtime);
  fprintf(stderr, "%ld %ld %ld\n", calls, garbage, open_batches);
  return code;
}
