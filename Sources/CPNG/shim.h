#ifndef CPNG_shim_h
#define CPNG_shim_h

// libpng reports an error by a jump that must not cross Swift frames: every call that may
// jump happens in one of the functions below, and each comes back with a status.

#include <png.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { CPNG_MESSAGE_SIZE = 160 };

typedef struct {
  jmp_buf target;
  char message[CPNG_MESSAGE_SIZE];
} cpng_failure;

typedef struct {
  const unsigned char *bytes;
  size_t count;
  size_t position;
} cpng_input;

typedef struct {
  unsigned char *bytes;
  size_t count;
  size_t capacity;
} cpng_output;

// Receives one text chunk; `is_utf8` is 0 where the value is Latin-1.
typedef void (*cpng_text_receiver)(void *context, const char *key, const char *value,
                                   size_t value_count, int is_utf8);

static inline void cpng_fail(png_structp png, png_const_charp message) {
  cpng_failure *failure = (cpng_failure *)png_get_error_ptr(png);
  strncpy(failure->message, message, CPNG_MESSAGE_SIZE - 1);
  failure->message[CPNG_MESSAGE_SIZE - 1] = 0;
  longjmp(failure->target, 1);
}

static inline void cpng_ignore_warning(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static inline void cpng_take(png_structp png, png_bytep target, size_t count) {
  cpng_input *input = (cpng_input *)png_get_io_ptr(png);
  if (count > input->count - input->position) png_error(png, "the file ends too early");
  memcpy(target, input->bytes + input->position, count);
  input->position += count;
}

static inline void cpng_give(png_structp png, png_bytep source, size_t count) {
  cpng_output *output = (cpng_output *)png_get_io_ptr(png);
  if (output->count + count > output->capacity) {
    size_t capacity = 2 * output->capacity + count;
    unsigned char *bytes = (unsigned char *)realloc(output->bytes, capacity);
    if (!bytes) png_error(png, "out of memory");
    output->bytes = bytes;
    output->capacity = capacity;
  }
  memcpy(output->bytes + output->count, source, count);
  output->count += count;
}

static inline void cpng_flush(png_structp png) { (void)png; }

// Receives a row of RGBA, which it may change.
typedef void (*cpng_row_receiver)(void *context, uint32_t row, uint32_t *pixels);

// Decodes a PNG of any kind as 8-bit RGBA and hands its rows to `receiver` from the top on. They
// go through `pixels`, which holds one row; of an interlaced picture it holds all, since they
// are whole only after the last pass. Returns 1, or 0 with libpng's reason in `message`.
static inline int cpng_read_rows(const unsigned char *bytes, size_t count, uint32_t width,
                                 uint32_t height, uint32_t *pixels, int is_interlaced,
                                 cpng_row_receiver receiver, void *context, char *message) {
  cpng_failure failure;
  cpng_input input = {bytes, count, 0};
  failure.message[0] = 0;
  message[0] = 0;
  if (setjmp(failure.target)) {
    strncpy(message, failure.message, CPNG_MESSAGE_SIZE);
    return 0;
  }
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &failure, cpng_fail,
                                           cpng_ignore_warning);
  if (!png) return 0;
  png_infop info = png_create_info_struct(png);
  if (!info || setjmp(failure.target)) {
    png_destroy_read_struct(&png, &info, NULL);
    strncpy(message, failure.message, CPNG_MESSAGE_SIZE);
    return 0;
  }
  // The caller has judged the size already.
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_read_fn(png, &input, cpng_take);
  png_read_info(png, info);
  png_set_expand(png);
  png_set_scale_16(png);
  png_set_gray_to_rgb(png);
  png_set_add_alpha(png, 0xFF, PNG_FILLER_AFTER);
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  if (png_get_image_width(png, info) != width || png_get_image_height(png, info) != height ||
      png_get_rowbytes(png, info) != 4 * (size_t)width || (passes > 1) != is_interlaced) {
    png_error(png, "its rows are not as its header says");
  }
  size_t stride = is_interlaced ? width : 0;
  for (int pass = 0; pass < passes; pass++) {
    for (uint32_t y = 0; y < height; y++) {
      png_read_row(png, (png_bytep)(pixels + y * stride), NULL);
      if (pass + 1 == passes) receiver(context, y, pixels + y * stride);
    }
  }
  png_read_end(png, NULL);
  png_destroy_read_struct(&png, &info, NULL);
  return 1;
}

// Hands every text chunk to `receiver`. Returns 1, or 0 with libpng's reason in `message`.
static inline int cpng_read_text(const unsigned char *bytes, size_t count,
                                 cpng_text_receiver receiver, void *context, char *message) {
  cpng_failure failure;
  cpng_input input = {bytes, count, 0};
  failure.message[0] = 0;
  message[0] = 0;
  if (setjmp(failure.target)) {
    strncpy(message, failure.message, CPNG_MESSAGE_SIZE);
    return 0;
  }
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &failure, cpng_fail,
                                           cpng_ignore_warning);
  if (!png) return 0;
  png_infop info = png_create_info_struct(png);
  if (!info || setjmp(failure.target)) {
    png_destroy_read_struct(&png, &info, NULL);
    strncpy(message, failure.message, CPNG_MESSAGE_SIZE);
    return 0;
  }
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_read_fn(png, &input, cpng_take);
  png_read_info(png, info);
  // Text may stand behind the pixels, and libpng reaches it only through them.
  int passes = png_set_interlace_handling(png);
  png_start_read_image(png);
  for (int pass = 0; pass < passes; pass++) {
    for (uint32_t y = 0; y < png_get_image_height(png, info); y++) png_read_row(png, NULL, NULL);
  }
  png_read_end(png, info);
  png_textp text = NULL;
  int texts = png_get_text(png, info, &text, NULL);
  for (int i = 0; i < texts; i++) {
    int is_utf8 = text[i].compression >= PNG_ITXT_COMPRESSION_NONE;
    size_t length = is_utf8 ? text[i].itxt_length : text[i].text_length;
    receiver(context, text[i].key, text[i].text, length, is_utf8);
  }
  png_destroy_read_struct(&png, &info, NULL);
  return 1;
}

// Encodes RGBA rows, without their alpha where `is_opaque`. `texts` holds pairs of key and
// value, each ended by a zero byte. `pixels_per_metre` is not recorded if it is 0. Returns 1 and fills `output`, whose bytes belong to the
// caller (free), or returns 0 with libpng's reason in `message`.
static inline int cpng_write_rgba(const unsigned char *pixels, uint32_t width, uint32_t height,
                                  int is_opaque, int filters, int level, int strategy,
                                  const char *texts, int text_count, uint32_t pixels_per_metre,
                                  cpng_output *output, char *message) {
  cpng_failure failure;
  failure.message[0] = 0;
  message[0] = 0;
  if (setjmp(failure.target)) {
    strncpy(message, failure.message, CPNG_MESSAGE_SIZE);
    return 0;
  }
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &failure, cpng_fail,
                                            cpng_ignore_warning);
  if (!png) return 0;
  png_infop info = png_create_info_struct(png);
  if (!info || setjmp(failure.target)) {
    png_destroy_write_struct(&png, &info);
    free(output->bytes);
    output->bytes = NULL;
    strncpy(message, failure.message, CPNG_MESSAGE_SIZE);
    return 0;
  }
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_write_fn(png, output, cpng_give, cpng_flush);
  png_set_IHDR(png, info, width, height, 8,
               is_opaque ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_RGB_ALPHA, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (pixels_per_metre) {
    png_set_pHYs(png, info, pixels_per_metre, pixels_per_metre, PNG_RESOLUTION_METER);
  }
  png_set_filter(png, PNG_FILTER_TYPE_BASE, filters);
  png_set_compression_level(png, level);
  png_set_compression_strategy(png, strategy);
  png_set_compression_buffer_size(png, 1 << 18);
  for (int i = 0; i < text_count; i++) {
    png_text text;
    memset(&text, 0, sizeof text);
    text.key = (png_charp)texts;
    text.text = (png_charp)(texts + strlen(texts) + 1);
    text.compression = PNG_TEXT_COMPRESSION_NONE;
    // tEXt is Latin-1; what is not ASCII goes as UTF-8 into iTXt.
    for (const char *c = text.text; *c; c++) {
      if ((unsigned char)*c >= 0x80) text.compression = PNG_ITXT_COMPRESSION_NONE;
    }
    png_set_text(png, info, &text, 1);
    texts = text.text + strlen(text.text) + 1;
  }
  png_write_info(png, info);
  if (is_opaque) png_set_filler(png, 0, PNG_FILLER_AFTER);
  for (uint32_t y = 0; y < height; y++) {
    png_write_row(png, (png_bytep)(pixels + 4 * (size_t)width * y));
  }
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return 1;
}

// Writes a single chunk, with its length and checksum. Returns 1 and fills `output`, whose bytes
// belong to the caller (free), or returns 0 with libpng's reason in `message`.
static inline int cpng_write_chunk(const char *type, const unsigned char *content, size_t count,
                                   cpng_output *output, char *message) {
  cpng_failure failure;
  failure.message[0] = 0;
  message[0] = 0;
  if (setjmp(failure.target)) {
    strncpy(message, failure.message, CPNG_MESSAGE_SIZE);
    return 0;
  }
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &failure, cpng_fail,
                                            cpng_ignore_warning);
  if (!png) return 0;
  if (setjmp(failure.target)) {
    png_destroy_write_struct(&png, NULL);
    free(output->bytes);
    output->bytes = NULL;
    strncpy(message, failure.message, CPNG_MESSAGE_SIZE);
    return 0;
  }
  png_set_write_fn(png, output, cpng_give, cpng_flush);
  png_write_chunk(png, (png_const_bytep)type, content, count);
  png_destroy_write_struct(&png, NULL);
  return 1;
}

#endif
