/* A session of TensorFlow's C API with two inputs and one output. */
#ifndef TRACKDNN_TF_TENSORS_H
#define TRACKDNN_TF_TENSORS_H

#include "client.h"
#include "tensorflow/c/c_api.h"

typedef struct {
  TF_Graph *graph;
  TF_Session *session;
  TF_Output inputs[2], output;
} tf_model;

typedef struct {
  TF_Tensor *inputs[2], *output;
  TF_Status *status;
} tf_buffers;

static void tf_require(const TF_Status *status, const char *what) {
  if (TF_GetCode(status) != TF_OK)
    client_fail("%s. Received: %s", what, TF_Message(status));
}

/* One thread within an operation and one among them. */
static TF_SessionOptions *tf_one_thread(TF_Status *status) {
  /* ConfigProto: intra_op_parallelism_threads (2) = 1, inter_op_... (5) = 1. */
  static const unsigned char config[] = {0x10, 1, 0x28, 1};
  TF_SessionOptions *options = TF_NewSessionOptions();
  TF_SetConfig(options, config, sizeof config, status);
  tf_require(status, "TensorFlow must take one thread");
  return options;
}

/* The tensor "name" or "name:index". */
static TF_Output tf_find(TF_Graph *graph, const char *name) {
  char node[512];
  snprintf(node, sizeof node, "%s", name);
  char *colon = strrchr(node, ':');
  if (colon != NULL) *colon++ = 0;
  TF_Output found = {TF_GraphOperationByName(graph, node),
                     colon == NULL ? 0 : atoi(colon)};
  if (found.oper == NULL || found.index < 0 ||
      found.index >= TF_OperationNumOutputs(found.oper))
    client_fail("The graph must have a tensor '%s', and has none", name);
  if (TF_OperationOutputType(found) != TF_FLOAT)
    client_fail("The tensor '%s' must be float32, and is not", name);
  return found;
}

static void tf_open(client_batch *batch) {
  tf_buffers *own = (tf_buffers *)calloc(1, sizeof *own);
  int64_t rows = (int64_t)batch->rows, width = batch->probe->width;
  int64_t shapes[2][2] = {{rows, width}, {rows, 1}};
  if (own == NULL) client_fail("There must be memory for %zu rows", batch->rows);
  for (int i = 0; i < 2; ++i) {
    size_t size = (size_t)(shapes[i][0] * shapes[i][1]) * sizeof(float);
    own->inputs[i] = TF_AllocateTensor(TF_FLOAT, shapes[i], 2, size);
  }
  own->status = TF_NewStatus();
  batch->features = (float *)TF_TensorData(own->inputs[0]);
  batch->category = (float *)TF_TensorData(own->inputs[1]);
  batch->own = own;
}

static void tf_run(client_batch *batch) {
  tf_model *model = (tf_model *)batch->model;
  tf_buffers *own = (tf_buffers *)batch->own;
  if (own->output != NULL) TF_DeleteTensor(own->output);
  TF_SessionRun(model->session, NULL, model->inputs, own->inputs, 2, &model->output,
                &own->output, 1, NULL, 0, NULL, own->status);
  tf_require(own->status, "TensorFlow must run the graph");
  if (TF_TensorElementCount(own->output) != (int64_t)batch->rows)
    client_fail("The output must have one score for each of %zu rows. Received: %lld",
                batch->rows, (long long)TF_TensorElementCount(own->output));
  batch->scores = (const float *)TF_TensorData(own->output);
}

static void tf_close(client_batch *batch) {
  tf_buffers *own = (tf_buffers *)batch->own;
  for (int i = 0; i < 2; ++i) TF_DeleteTensor(own->inputs[i]);
  if (own->output != NULL) TF_DeleteTensor(own->output);
  TF_DeleteStatus(own->status);
  free(own);
}

#endif
