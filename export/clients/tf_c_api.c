/* A frozen graph in TensorFlow's C API, which needs no C++ compiler and no headers but
 * tensorflow/c/c_api.h and what that includes.
 *
 *     tf_c_api GRAPH.pb PROBE [--threads N] [--batch B] [--repeat N]
 */
#include "tf_tensors.h"

static void *load(const char *path, const probe_file *probe) {
  size_t size = 0;
  unsigned char *bytes = read_whole_file(path, &size);
  if (bytes == NULL)
    client_fail("The model must be a frozen graph. Received: %s", path);
  tf_model *model = (tf_model *)calloc(1, sizeof *model);
  TF_Status *status = TF_NewStatus();
  TF_Buffer *content = TF_NewBufferFromString(bytes, size);
  TF_ImportGraphDefOptions *import = TF_NewImportGraphDefOptions();
  model->graph = TF_NewGraph();
  TF_GraphImportGraphDef(model->graph, content, import, status);
  tf_require(status, "TensorFlow must take the graph");
  TF_SessionOptions *options = tf_one_thread(status);
  model->session = TF_NewSession(model->graph, options, status);
  tf_require(status, "A session must start");
  model->inputs[0] = tf_find(model->graph, probe->names[FEATURES]);
  model->inputs[1] = tf_find(model->graph, probe->names[CATEGORY]);
  model->output = tf_find(model->graph, probe->names[FROZEN_GRAPH]);
  TF_DeleteSessionOptions(options);
  TF_DeleteImportGraphDefOptions(import);
  TF_DeleteBuffer(content);
  TF_DeleteStatus(status);
  free(bytes);
  return model;
}

int main(int count, char **words) {
  const client_runtime runtime = {"tf_c_api", "TensorFlow", TF_Version,
                                  load, tf_open, tf_run, tf_close};
  return client_main(count, words, &runtime);
}
