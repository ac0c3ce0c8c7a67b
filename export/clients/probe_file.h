/* The probe of a bundle for programs without a reader of NumPy files.
 *
 * Little-endian; strings end with zeros.
 *
 *     bytes    what
 *     8        "TRKPROBE"
 *     4 uint   version, 1
 *     4 uint   rows
 *     4 uint   width: features per row
 *     4 uint   1 if reference scores follow, else 0
 *     4 float  tolerance: largest |difference| that passes
 *     4        zero
 *     5 * 96   names: features, category; output of the frozen graph, of the
 *              SavedModel, of the ONNX file
 *     float    features [rows][width], category [rows], reference [rows] if any
 *     4 uint   CRC-32 of all before it
 */
#ifndef TRACKDNN_PROBE_FILE_H
#define TRACKDNN_PROBE_FILE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROBE_HEADER = 512, PROBE_NAME = 96, PROBE_NAMES = 5, PROBE_VERSION = 1 };
enum { FEATURES, CATEGORY, FROZEN_GRAPH, SAVED_MODEL, ONNX };

typedef struct {
  uint32_t rows, width;
  float tolerance;
  char names[PROBE_NAMES][PROBE_NAME];
  const float *features;  /* [rows][width] */
  const float *category;  /* [rows] */
  const float *reference; /* [rows], or NULL */
} probe_file;

static uint32_t probe_crc(const unsigned char *bytes, size_t size) {
  uint32_t crc = 0xffffffffu;
  for (size_t i = 0; i < size; ++i) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (0xedb88320u & -(crc & 1u));
  }
  return ~crc;
}

static uint32_t probe_uint(const unsigned char *bytes) {
  uint32_t value;
  memcpy(&value, bytes, sizeof value);
  return value;
}

/* The content of a file, to be freed, or NULL. */
static unsigned char *read_whole_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  unsigned char *bytes = NULL;
  long length = -1;
  if (file != NULL && fseek(file, 0, SEEK_END) == 0) length = ftell(file);
  if (length >= 0 && fseek(file, 0, SEEK_SET) == 0) {
    bytes = (unsigned char *)malloc((size_t)length + 1);
    *size = (size_t)length;
    if (bytes != NULL && fread(bytes, 1, *size, file) != *size) {
      free(bytes);
      bytes = NULL;
    }
  }
  if (file != NULL) fclose(file);
  return bytes;
}

/* What is wrong with the bytes of a probe, or NULL. */
static const char *probe_fault(const unsigned char *bytes, size_t size) {
  if (size < PROBE_HEADER + 4) return "too few bytes";
  if (memcmp(bytes, "TRKPROBE", 8) != 0) return "other first bytes";
  if (probe_uint(bytes + 8) != PROBE_VERSION) return "another version";
  uint64_t rows = probe_uint(bytes + 12), width = probe_uint(bytes + 16);
  uint64_t columns = width + 1 + (probe_uint(bytes + 20) != 0);
  /* Rows and columns below 2^33: the product of both could leave 64 bits. */
  if (rows == 0 || width == 0 || rows > size || width > size) return "wrong size";
  if (size - PROBE_HEADER - 4 != 4 * rows * columns) return "wrong size";
  if (probe_crc(bytes, size - 4) != probe_uint(bytes + size - 4))
    return "another checksum";
  for (int i = 0; i < PROBE_NAMES; ++i) {
    const char *name = (const char *)bytes + 32 + i * PROBE_NAME;
    if (name[0] == 0 || name[PROBE_NAME - 1] != 0) return "a name without an end";
  }
  return NULL;
}

/* Read a probe; what is wrong, or NULL. Its arrays live as long as the program. */
static const char *read_probe_file(const char *path, probe_file *probe) {
  size_t size = 0;
  unsigned char *bytes = read_whole_file(path, &size);
  if (bytes == NULL) return "no readable file";
  const char *fault = probe_fault(bytes, size);
  if (fault != NULL) {
    free(bytes);
    return fault;
  }
  probe->rows = probe_uint(bytes + 12);
  probe->width = probe_uint(bytes + 16);
  memcpy(&probe->tolerance, bytes + 24, sizeof(float));
  memcpy(probe->names, bytes + 32, sizeof probe->names);
  /* malloc aligns its blocks, and the header is a multiple of any float's size. */
  probe->features = (const float *)(const void *)(bytes + PROBE_HEADER);
  probe->category = probe->features + (size_t)probe->rows * probe->width;
  probe->reference = probe_uint(bytes + 20) ? probe->category + probe->rows : NULL;
  return NULL;
}

#endif
