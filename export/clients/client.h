/* What the clients in C and C++ have in common: arguments, batches, threads, report.
 *
 *     CLIENT MODEL PROBE [--threads N] [--batch B] [--repeat N]
 *
 * A client gives five functions and calls `client_main`. Every thread scores every row,
 * all in one session, in the manner of TrackTfClassifier in CMSSW: floor(n / B) + 1
 * calls of B rows, of which the last keeps, beyond its tracks, what the buffers held
 * before: rows of the last call, or, where there was none, whatever memory held. Here
 * memory holds NaN, infinities and huge numbers.
 *
 * One line of JSON goes to stdout. The exit code is 0, or 2 with one line on stderr.
 */
#ifndef TRACKDNN_CLIENT_H
#define TRACKDNN_CLIENT_H

#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <time.h>

#include "probe_file.h"

/* Buffers of one thread for `rows` rows, and where its scores are after a run. */
typedef struct {
  void *model, *own;
  const probe_file *probe;
  size_t rows;
  float *features; /* [rows][width] */
  float *category; /* [rows] */
  const float *scores; /* [rows] */
} client_batch;

/* Functions of a runtime; each ends the program with `client_fail` if it cannot. */
typedef struct {
  const char *name, *product;
  const char *(*version)(void);
  void *(*load)(const char *path, const probe_file *probe);
  void (*open)(client_batch *batch);
  void (*run)(client_batch *batch);
  void (*close)(client_batch *batch);
} client_runtime;

typedef struct {
  const char *model, *probe;
  long threads, batch, repeat;
} client_options;

typedef struct {
  const client_runtime *runtime;
  const client_options *options;
  const probe_file *probe;
  void *model;
  double difference, score_difference;
  double *seconds; /* [repeat], each of one pass */
  size_t timed;    /* tracks in a pass */
} client_worker;

/* Leaves at once: other threads may be inside the runtime. */
static void client_fail(const char *format, ...) {
  char text[600];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  for (char *c = text; *c; ++c)
    if (*c == '\n' || *c == '\r') *c = ' ';
  fprintf(stderr, "error: %s\n", text);
  fflush(NULL);
  _Exit(2);
}

static double client_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Resident memory in MiB; -1 where the system does not tell. */
static double client_memory(void) {
  char line[256];
  double kilobytes = -1024;
  FILE *file = fopen("/proc/self/status", "r");
  while (file != NULL && fgets(line, sizeof line, file) != NULL)
    if (sscanf(line, "VmRSS: %lf", &kilobytes) == 1) break;
  if (file != NULL) fclose(file);
  return kilobytes / 1024;
}

static void client_open(const client_worker *work, client_batch *batch, size_t rows) {
  static const float odd[] = {NAN, INFINITY, -INFINITY, 3.4e38f, -1e30f};
  memset(batch, 0, sizeof *batch);
  batch->model = work->model;
  batch->probe = work->probe;
  batch->rows = rows;
  work->runtime->open(batch);
  size_t numbers = rows * work->probe->width;
  for (size_t i = 0; i < numbers; ++i) batch->features[i] = odd[i % 5];
  for (size_t i = 0; i < rows; ++i) batch->category[i] = odd[i % 5];
}

/* Rows of the probe into the first rows of a batch. */
static void client_fill(client_batch *batch, size_t first, size_t count) {
  const probe_file *probe = batch->probe;
  size_t width = probe->width;
  memcpy(batch->features, probe->features + first * width,
         count * width * sizeof(float));
  memcpy(batch->category, probe->category + first, count * sizeof(float));
}

static void client_compare(client_worker *work, const client_batch *batch,
                           size_t first, size_t count) {
  for (size_t i = 0; work->probe->reference != NULL && i < count; ++i) {
    float p = batch->scores[i];
    if (!isfinite(p))
      client_fail("Every score must be finite. Received: %g in row %zu", p, first + i);
    float expected = work->probe->reference[first + i];
    /* The arithmetic of CMSSW: cuts are on this number. */
    float score = 2.f * p - 1.f, other = 2.f * expected - 1.f;
    work->difference = fmax(work->difference, fabs((double)p - expected));
    work->score_difference = fmax(work->score_difference, fabs((double)score - other));
  }
}

/* The tracks of one event, rows [first, last) of the probe. */
static void client_event(client_worker *work, size_t first, size_t last, size_t size) {
  client_batch batch;
  client_open(work, &batch, size);
  size_t tracks = last - first, calls = tracks / size + 1;
  for (size_t call = 0; call < calls; ++call) {
    size_t done = call * size, left = tracks - done;
    size_t count = left < size ? left : size;
    client_fill(&batch, first + done, count);
    work->runtime->run(&batch);
    client_compare(work, &batch, first + done, count);
  }
  work->runtime->close(&batch);
}

/* Passes over whole batches; rows are copied into the buffers as in a real event. */
static void client_time(client_worker *work, size_t size) {
  client_batch batch;
  size_t rows = work->probe->rows, calls = rows < size ? 1 : rows / size;
  client_open(work, &batch, size);
  /* Where there are fewer rows than a batch holds, its rest was scored as garbage
   * before; for a time of real rows they are repeated. */
  for (size_t i = 0; i < size; ++i) {
    size_t from = i % rows, width = work->probe->width;
    memcpy(batch.features + i * width, work->probe->features + from * width,
           width * sizeof(float));
    batch.category[i] = work->probe->category[from];
  }
  work->timed = calls * size;
  for (long pass = -1; pass < work->options->repeat; ++pass) {
    double start = client_now();
    for (size_t call = 0; call < calls; ++call) {
      client_fill(&batch, call * size, rows < size ? rows : size);
      work->runtime->run(&batch);
    }
    /* The first pass warms up. */
    if (pass >= 0) work->seconds[pass] = client_now() - start;
  }
  work->runtime->close(&batch);
}

static void *client_work(void *argument) {
  client_worker *work = (client_worker *)argument;
  size_t rows = work->probe->rows, few = rows < 5 ? rows : 5;
  size_t size = (size_t)work->options->batch;
  /* A small event first, so that garbage is beside tracks, then one with all others. */
  client_event(work, 0, few, size ? size : 16);
  client_event(work, few, rows, size ? size : 16);
  if (size == 0) client_event(work, 0, rows, rows);
  if (work->options->repeat > 0) client_time(work, size ? size : 16);
  return NULL;
}

static long client_number(const char *option, const char *text, long least) {
  char *end = NULL;
  long value = text == NULL ? -1 : strtol(text, &end, 10);
  if (text == NULL || *text == 0 || *end != 0 || value < least || value > 1 << 20)
    client_fail("%s must be a number from %ld to %d. Received: %s", option, least,
                1 << 20, text == NULL ? "nothing" : text);
  return value;
}

static client_options client_arguments(int count, char **words, const char *name) {
  client_options options = {NULL, NULL, 1, 0, 0};
  for (int i = 1; i < count; ++i) {
    const char *next = i + 1 < count ? words[i + 1] : NULL;
    if (strcmp(words[i], "--threads") == 0)
      options.threads = client_number(words[i++], next, 1);
    else if (strcmp(words[i], "--batch") == 0)
      options.batch = client_number(words[i++], next, 1);
    else if (strcmp(words[i], "--repeat") == 0)
      options.repeat = client_number(words[i++], next, 0);
    else if (options.model == NULL)
      options.model = words[i];
    else if (options.probe == NULL)
      options.probe = words[i];
    else
      client_fail("Arguments must be MODEL PROBE and options. Received: %s", words[i]);
  }
  if (options.probe == NULL)
    client_fail("Usage: %s MODEL PROBE [--threads N] [--batch B] [--repeat N]", name);
  return options;
}

static int client_ascending(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static void client_json(const char *key, double value, int known) {
  if (known)
    printf(", \"%s\": %.9g", key, value);
  else
    printf(", \"%s\": null", key);
}

static int client_report(const client_worker *workers, const double *memory) {
  const client_worker *first = workers;
  const client_options *options = first->options;
  size_t threads = (size_t)options->threads, passes = (size_t)options->repeat;
  double worst = 0, worst_score = 0, median = 0;
  for (size_t i = 0; i < threads; ++i) {
    worst = fmax(worst, workers[i].difference);
    worst_score = fmax(worst_score, workers[i].score_difference);
  }
  if (passes > 0) {
    double *seconds = first->seconds;
    qsort(seconds, threads * passes, sizeof *seconds, client_ascending);
    median = 1e6 * seconds[threads * passes / 2] / (double)first->timed;
  }
  int compared = first->probe->reference != NULL;
  printf("{\"client\": \"%s\", \"runtime\": \"%s %s\"", first->runtime->name,
         first->runtime->product, first->runtime->version());
  printf(", \"rows\": %u, \"threads\": %zu, \"batch\": %ld", first->probe->rows,
         threads, options->batch ? options->batch : 16);
  client_json("max_difference", worst, compared);
  client_json("max_score_difference", worst_score, compared);
  client_json("microseconds_per_track", median, passes > 0);
  client_json("memory_before", memory[0], memory[0] >= 0);
  client_json("memory_loaded", memory[1], memory[1] >= 0);
  client_json("memory_after", memory[2], memory[2] >= 0);
  printf("}\n");
  fflush(stdout);
  if (compared && !(worst <= first->probe->tolerance))
    client_fail("%s must give the scores of the probe to %g. "
                "Received: max |difference|=%.3g",
                options->model, first->probe->tolerance, worst);
  return 0;
}

static int client_main(int count, char **words, const client_runtime *runtime) {
  client_options options = client_arguments(count, words, runtime->name);
  probe_file probe;
  const char *fault = read_probe_file(options.probe, &probe);
  if (fault != NULL)
    client_fail("%s must be a probe for clients. Received: %s", options.probe, fault);
  double memory[3] = {client_memory(), 0, 0};
  void *model = runtime->load(options.model, &probe);
  memory[1] = client_memory();
  size_t threads = (size_t)options.threads, passes = (size_t)options.repeat;
  client_worker *workers = (client_worker *)calloc(threads, sizeof *workers);
  pthread_t *running = (pthread_t *)calloc(threads, sizeof *running);
  double *seconds = (double *)calloc(threads * passes + 1, sizeof *seconds);
  if (workers == NULL || running == NULL || seconds == NULL)
    client_fail("There must be memory for %zu threads, and there is not", threads);
  for (size_t i = 0; i < threads; ++i) {
    client_worker work = {runtime, &options, &probe, model, 0, 0,
                          seconds + i * passes, 0};
    workers[i] = work;
    if (pthread_create(&running[i], NULL, client_work, &workers[i]) != 0)
      client_fail("%zu threads must start, and thread %zu does not", threads, i);
  }
  for (size_t i = 0; i < threads; ++i) pthread_join(running[i], NULL);
  memory[2] = client_memory();
  return client_report(workers, memory);
}

#endif
