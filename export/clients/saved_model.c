/* A SavedModel in TensorFlow's C API. The names of the tensors come from the signature
 * `serving_default`, since those in the graph are TensorFlow's own affair.
 *
 *     saved_model FOLDER PROBE [--threads N] [--batch B] [--repeat N]
 */
#include "tf_tensors.h"

/* Bytes of a protocol buffer. */
typedef struct {
  const unsigned char *at, *end;
} span;

/* Numbers of the fields that lead to the name of a tensor. */
enum { META_SIGNATURES = 5, SIGNATURE_INPUTS = 1, SIGNATURE_OUTPUTS = 2 };
enum { ENTRY_KEY = 1, ENTRY_VALUE = 2, TENSOR_NAME = 1 };

static uint64_t take_number(span *from) {
  uint64_t value = 0;
  for (int shift = 0; from->at < from->end && shift < 64; shift += 7) {
    unsigned char byte = *from->at++;
    value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  client_fail("The SavedModel must be readable. Received: a broken number");
  return 0;
}

/* The next field of a message: its number, 0 at the end; content only of bytes. */
static unsigned next_field(span *from, span *content) {
  if (from->at >= from->end) return 0;
  uint64_t key = take_number(from), size = 0;
  content->at = content->end = from->at;
  switch (key & 7) {
    case 0: take_number(from); return (unsigned)(key >> 3);
    case 1: size = 8; break;
    case 2: size = take_number(from); break;
    case 5: size = 4; break;
    default: client_fail("The SavedModel must be readable. Received: another field");
  }
  if (size > (uint64_t)(from->end - from->at))
    client_fail("The SavedModel must be readable. Received: a field beyond its end");
  content->at = from->at;
  content->end = from->at += size;
  return (unsigned)(key >> 3);
}

/* The last field of a number in a message; empty if there is none. */
static span find_field(span message, unsigned number) {
  span found = {NULL, NULL}, content;
  for (unsigned field; (field = next_field(&message, &content)) != 0;)
    if (field == number) found = content;
  return found;
}

/* The value of a key in a map. */
static span find_entry(span message, unsigned map, const char *key) {
  span nothing = {NULL, NULL}, entry;
  for (unsigned field; (field = next_field(&message, &entry)) != 0;) {
    if (field != map) continue;
    span name = find_field(entry, ENTRY_KEY);
    size_t size = (size_t)(name.end - name.at);
    if (size == strlen(key) && memcmp(name.at, key, size) == 0)
      return find_field(entry, ENTRY_VALUE);
  }
  return nothing;
}

static TF_Output find_tensor(TF_Graph *graph, span signature, unsigned map,
                             const char *key) {
  char text[512];
  span name = find_field(find_entry(signature, map, key), TENSOR_NAME);
  size_t size = (size_t)(name.end - name.at);
  if (size == 0 || size >= sizeof text)
    client_fail("The signature 'serving_default' must name '%s', and does not", key);
  memcpy(text, name.at, size);
  text[size] = 0;
  return tf_find(graph, text);
}

static void *load(const char *path, const probe_file *probe) {
  const char *tag = "serve";
  tf_model *model = (tf_model *)calloc(1, sizeof *model);
  TF_Status *status = TF_NewStatus();
  TF_SessionOptions *options = tf_one_thread(status);
  TF_Buffer *meta = TF_NewBuffer();
  model->graph = TF_NewGraph();
  model->session = TF_LoadSessionFromSavedModel(options, NULL, path, &tag, 1,
                                                model->graph, meta, status);
  tf_require(status, "The model must be a SavedModel tagged 'serve'");
  const unsigned char *bytes = (const unsigned char *)meta->data;
  span content = {bytes, bytes + meta->length};
  span signature = find_entry(content, META_SIGNATURES, "serving_default");
  const char *features = probe->names[FEATURES], *category = probe->names[CATEGORY];
  model->inputs[0] = find_tensor(model->graph, signature, SIGNATURE_INPUTS, features);
  model->inputs[1] = find_tensor(model->graph, signature, SIGNATURE_INPUTS, category);
  model->output = find_tensor(model->graph, signature, SIGNATURE_OUTPUTS,
                              probe->names[SAVED_MODEL]);
  TF_DeleteBuffer(meta);
  TF_DeleteSessionOptions(options);
  TF_DeleteStatus(status);
  return model;
}

int main(int count, char **words) {
  const client_runtime runtime = {"saved_model", "TensorFlow", TF_Version,
                                  load, tf_open, tf_run, tf_close};
  return client_main(count, words, &runtime);
}
