#ifndef CJPEG_shim_h
#define CJPEG_shim_h

// libjpeg reports an error by a jump that must not cross Swift frames: every call that may
// jump happens in one of the functions below, and each comes back with a status.

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

enum { CJPEG_MESSAGE_SIZE = JMSG_LENGTH_MAX, CJPEG_MOST_SCANS = 500 };

typedef struct {
  uint32_t width, height;
  int is_cmyk;
  // What the decoder keeps of a picture that comes in several scans, in bytes.
  uint64_t kept_bytes;
} cjpeg_header;

// Receives a row of 4 * width bytes, RGBA or CMYK, which it may change.
typedef void (*cjpeg_row_receiver)(void *context, uint32_t row, uint32_t *pixels);

typedef struct {
  struct jpeg_error_mgr base;
  jmp_buf target;
  char *message;
} cjpeg_failure;

static inline void cjpeg_fail(j_common_ptr decoder) {
  cjpeg_failure *failure = (cjpeg_failure *)decoder->err;
  failure->base.format_message(decoder, failure->message);
  longjmp(failure->target, 1);
}

static inline void cjpeg_warn(j_common_ptr decoder, int level) {
  // Filling between segments harms no pixel, and cameras leave it. All other warnings are about
  // pixels that are not there.
  if (level < 0 && decoder->err->msg_code != JWRN_EXTRANEOUS_DATA) cjpeg_fail(decoder);
}

// A file of a few kilobytes can ask for a scan of all pixels many thousand times.
static inline void cjpeg_count_scans(j_common_ptr decoder) {
  if (!decoder->is_decompressor) return;
  if (((j_decompress_ptr)decoder)->input_scan_number <= CJPEG_MOST_SCANS) return;
  cjpeg_failure *failure = (cjpeg_failure *)decoder->err;
  snprintf(failure->message, CJPEG_MESSAGE_SIZE, "more than %d scans", CJPEG_MOST_SCANS);
  longjmp(failure->target, 1);
}

static inline void cjpeg_describe(j_decompress_ptr decoder, cjpeg_header *header) {
  header->width = decoder->image_width;
  header->height = decoder->image_height;
  header->is_cmyk =
      decoder->jpeg_color_space == JCS_CMYK || decoder->jpeg_color_space == JCS_YCCK;
  header->kept_bytes = 0;
  if (!jpeg_has_multiple_scans(decoder)) return;
  int widest = 1, tallest = 1;
  for (int i = 0; i < decoder->num_components; i++) {
    jpeg_component_info *component = &decoder->comp_info[i];
    if (component->h_samp_factor > widest) widest = component->h_samp_factor;
    if (component->v_samp_factor > tallest) tallest = component->v_samp_factor;
  }
  uint64_t pixels = (uint64_t)header->width * header->height;
  for (int i = 0; i < decoder->num_components; i++) {
    jpeg_component_info *component = &decoder->comp_info[i];
    header->kept_bytes += pixels * component->h_samp_factor * component->v_samp_factor /
                          (widest * tallest) * sizeof(JCOEF);
  }
}

// Reads the header and, where there is a receiver, all rows from the top on. `header` is filled
// as soon as it is known. Returns 1, or 0 with libjpeg's reason in `message`.
static inline int cjpeg_read(const unsigned char *bytes, size_t count, cjpeg_header *header,
                             cjpeg_row_receiver receiver, void *context, char *message) {
  struct jpeg_decompress_struct decoder;
  struct jpeg_progress_mgr progress;
  cjpeg_failure failure;
  memset(&decoder, 0, sizeof decoder);
  memset(&progress, 0, sizeof progress);
  message[0] = 0;
  decoder.err = jpeg_std_error(&failure.base);
  failure.message = message;
  failure.base.error_exit = cjpeg_fail;
  failure.base.emit_message = cjpeg_warn;
  if (setjmp(failure.target)) {
    jpeg_destroy_decompress(&decoder);
    return 0;
  }
  jpeg_create_decompress(&decoder);
  progress.progress_monitor = cjpeg_count_scans;
  decoder.progress = &progress;
  jpeg_mem_src(&decoder, (unsigned char *)bytes, count);
  jpeg_read_header(&decoder, TRUE);
  cjpeg_describe(&decoder, header);
  if (receiver) {
    decoder.out_color_space = header->is_cmyk ? JCS_CMYK : JCS_EXT_RGBA;
    // As Pillow and torchvision decode: accurate DCT, smooth chroma.
    decoder.dct_method = JDCT_ISLOW;
    decoder.do_fancy_upsampling = TRUE;
    jpeg_start_decompress(&decoder);
    JSAMPARRAY row = decoder.mem->alloc_sarray((j_common_ptr)&decoder, JPOOL_IMAGE,
                                               4 * decoder.output_width, 1);
    while (decoder.output_scanline < decoder.output_height) {
      uint32_t number = decoder.output_scanline;
      jpeg_read_scanlines(&decoder, row, 1);
      receiver(context, number, (uint32_t *)row[0]);
    }
    jpeg_finish_decompress(&decoder);
  }
  jpeg_destroy_decompress(&decoder);
  return 1;
}

typedef struct {
  unsigned char *bytes;
  unsigned long count;
} cjpeg_output;

// Encodes opaque RGBA pixels at a quality of 1 to 100, with colours as fine as brightness, because
// small coloured cells must stay apart. Returns 1 and bytes to be freed, or 0 with libjpeg's
// reason in `message`.
static inline int cjpeg_write(const uint8_t *pixels, uint32_t width, uint32_t height, int quality,
                              cjpeg_output *output, char *message) {
  struct jpeg_compress_struct encoder;
  cjpeg_failure failure;
  memset(&encoder, 0, sizeof encoder);
  message[0] = 0;
  output->bytes = NULL;
  output->count = 0;
  encoder.err = jpeg_std_error(&failure.base);
  failure.message = message;
  failure.base.error_exit = cjpeg_fail;
  if (setjmp(failure.target)) {
    jpeg_destroy_compress(&encoder);
    free(output->bytes);
    output->bytes = NULL;
    return 0;
  }
  jpeg_create_compress(&encoder);
  jpeg_mem_dest(&encoder, &output->bytes, &output->count);
  encoder.image_width = width;
  encoder.image_height = height;
  encoder.input_components = 4;
  encoder.in_color_space = JCS_EXT_RGBX;
  jpeg_set_defaults(&encoder);
  jpeg_set_quality(&encoder, quality, TRUE);
  encoder.comp_info[0].h_samp_factor = 1;
  encoder.comp_info[0].v_samp_factor = 1;
  encoder.optimize_coding = TRUE;
  encoder.dct_method = JDCT_ISLOW;
  jpeg_start_compress(&encoder, TRUE);
  while (encoder.next_scanline < height) {
    JSAMPROW row = (JSAMPROW)(pixels + (size_t)4 * width * encoder.next_scanline);
    jpeg_write_scanlines(&encoder, &row, 1);
  }
  jpeg_finish_compress(&encoder);
  jpeg_destroy_compress(&encoder);
  return 1;
}

#endif
