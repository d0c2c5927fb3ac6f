// The part of oneDNN that Fovea uses, in one form for 2.x and 3.x.
//
// 2.x describes an operation in a struct, then makes a primitive descriptor of it, and passes
// memory descriptors as pointers to structs; 3.x makes the primitive descriptor at once and
// keeps memory descriptors opaque. Here a memory descriptor is `const void *` in both.
#ifndef COneDNN_shim_h
#define COneDNN_shim_h
#include <oneapi/dnnl/dnnl.h>
#include <oneapi/dnnl/dnnl_debug.h>
#include <stdlib.h>

typedef const void *fovea_layout;
typedef const int64_t *fovea_dims;

#if DNNL_VERSION_MAJOR >= 3
#define FOVEA_MD(x) ((const_dnnl_memory_desc_t)(x))
#else
#define FOVEA_MD(x) ((const dnnl_memory_desc_t *)(x))
#endif

// Memory descriptors ------------------------------------------------------------------------

static inline dnnl_status_t fovea_layout_create(
    fovea_layout *layout, int rank, fovea_dims dims, dnnl_data_type_t type, dnnl_format_tag_t tag) {
#if DNNL_VERSION_MAJOR >= 3
  dnnl_memory_desc_t made = NULL;
  dnnl_status_t status = dnnl_memory_desc_create_with_tag(&made, rank, dims, type, tag);
#else
  dnnl_memory_desc_t *made = (dnnl_memory_desc_t *)malloc(sizeof(dnnl_memory_desc_t));
  if (!made) return dnnl_out_of_memory;
  dnnl_status_t status = dnnl_memory_desc_init_by_tag(made, rank, dims, type, tag);
#endif
  *layout = made;
  return status;
}

static inline dnnl_status_t fovea_layout_clone(fovea_layout *layout, fovea_layout original) {
#if DNNL_VERSION_MAJOR >= 3
  dnnl_memory_desc_t made = NULL;
  dnnl_status_t status = dnnl_memory_desc_clone(&made, FOVEA_MD(original));
#else
  dnnl_memory_desc_t *made = (dnnl_memory_desc_t *)malloc(sizeof(dnnl_memory_desc_t));
  if (!made) return dnnl_out_of_memory;
  *made = *FOVEA_MD(original);
  dnnl_status_t status = dnnl_success;
#endif
  *layout = made;
  return status;
}

static inline void fovea_layout_destroy(fovea_layout layout) {
#if DNNL_VERSION_MAJOR >= 3
  dnnl_memory_desc_destroy((dnnl_memory_desc_t)layout);
#else
  free((void *)layout);
#endif
}

static inline size_t fovea_layout_bytes(fovea_layout layout) {
  return layout ? dnnl_memory_desc_get_size(FOVEA_MD(layout)) : 0;
}

static inline int fovea_layouts_equal(fovea_layout a, fovea_layout b) {
  return dnnl_memory_desc_equal(FOVEA_MD(a), FOVEA_MD(b));
}

// What a primitive wants for the argument `index` (DNNL_ARG_…). Owned by the descriptor.
static inline fovea_layout fovea_query_layout(const_dnnl_primitive_desc_t descriptor, int index) {
  return dnnl_primitive_desc_query_md(descriptor, dnnl_query_exec_arg_md, index);
}

static inline dnnl_status_t fovea_memory_create(
    dnnl_memory_t *memory, fovea_layout layout, dnnl_engine_t engine, void *bytes) {
  return dnnl_memory_create(memory, FOVEA_MD(layout), engine, bytes);
}

static inline dnnl_status_t fovea_reorder(
    dnnl_primitive_desc_t *made, fovea_layout from, fovea_layout to, dnnl_engine_t engine,
    const_dnnl_primitive_attr_t attributes) {
  return dnnl_reorder_primitive_desc_create(
      made, FOVEA_MD(from), engine, FOVEA_MD(to), engine, attributes);
}

// Operations --------------------------------------------------------------------------------
// Each comes as `forward`, and as the backward passes with the forward descriptor as a hint.

#if DNNL_VERSION_MAJOR < 3
#define FOVEA_FINISH(init, hint)                                                   \
  dnnl_status_t status = init;                                                     \
  if (status != dnnl_success) return status;                                       \
  return dnnl_primitive_desc_create(made, &operation, attributes, engine, hint);
#endif

static inline dnnl_status_t fovea_convolution_forward(
    dnnl_primitive_desc_t *made, dnnl_engine_t engine, dnnl_prop_kind_t kind, fovea_layout source,
    fovea_layout weights, fovea_layout bias, fovea_layout destination, fovea_dims strides,
    fovea_dims dilations, fovea_dims before, fovea_dims after,
    const_dnnl_primitive_attr_t attributes) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_convolution_forward_primitive_desc_create(
      made, engine, kind, dnnl_convolution_direct, FOVEA_MD(source), FOVEA_MD(weights),
      FOVEA_MD(bias), FOVEA_MD(destination), strides, dilations, before, after, attributes);
#else
  dnnl_convolution_desc_t operation;
  FOVEA_FINISH(
      dnnl_dilated_convolution_forward_desc_init(
          &operation, kind, dnnl_convolution_direct, FOVEA_MD(source), FOVEA_MD(weights),
          FOVEA_MD(bias), FOVEA_MD(destination), strides, dilations, before, after),
      NULL)
#endif
}

static inline dnnl_status_t fovea_convolution_backward_data(
    dnnl_primitive_desc_t *made, dnnl_engine_t engine, fovea_layout source, fovea_layout weights,
    fovea_layout destination, fovea_dims strides, fovea_dims dilations, fovea_dims before,
    fovea_dims after, const_dnnl_primitive_desc_t hint, const_dnnl_primitive_attr_t attributes) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_convolution_backward_data_primitive_desc_create(
      made, engine, dnnl_convolution_direct, FOVEA_MD(source), FOVEA_MD(weights),
      FOVEA_MD(destination), strides, dilations, before, after, hint, attributes);
#else
  dnnl_convolution_desc_t operation;
  FOVEA_FINISH(
      dnnl_dilated_convolution_backward_data_desc_init(
          &operation, dnnl_convolution_direct, FOVEA_MD(source), FOVEA_MD(weights),
          FOVEA_MD(destination), strides, dilations, before, after),
      hint)
#endif
}

static inline dnnl_status_t fovea_convolution_backward_weights(
    dnnl_primitive_desc_t *made, dnnl_engine_t engine, fovea_layout source, fovea_layout weights,
    fovea_layout bias, fovea_layout destination, fovea_dims strides, fovea_dims dilations,
    fovea_dims before, fovea_dims after, const_dnnl_primitive_desc_t hint,
    const_dnnl_primitive_attr_t attributes) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_convolution_backward_weights_primitive_desc_create(
      made, engine, dnnl_convolution_direct, FOVEA_MD(source), FOVEA_MD(weights), FOVEA_MD(bias),
      FOVEA_MD(destination), strides, dilations, before, after, hint, attributes);
#else
  dnnl_convolution_desc_t operation;
  FOVEA_FINISH(
      dnnl_dilated_convolution_backward_weights_desc_init(
          &operation, dnnl_convolution_direct, FOVEA_MD(source), FOVEA_MD(weights),
          FOVEA_MD(bias), FOVEA_MD(destination), strides, dilations, before, after),
      hint)
#endif
}

static inline dnnl_status_t fovea_inner_product_forward(
    dnnl_primitive_desc_t *made, dnnl_engine_t engine, dnnl_prop_kind_t kind, fovea_layout source,
    fovea_layout weights, fovea_layout bias, fovea_layout destination,
    const_dnnl_primitive_attr_t attributes) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_inner_product_forward_primitive_desc_create(
      made, engine, kind, FOVEA_MD(source), FOVEA_MD(weights), FOVEA_MD(bias),
      FOVEA_MD(destination), attributes);
#else
  dnnl_inner_product_desc_t operation;
  FOVEA_FINISH(
      dnnl_inner_product_forward_desc_init(
          &operation, kind, FOVEA_MD(source), FOVEA_MD(weights), FOVEA_MD(bias),
          FOVEA_MD(destination)),
      NULL)
#endif
}

static inline dnnl_status_t fovea_inner_product_backward_weights(
    dnnl_primitive_desc_t *made, dnnl_engine_t engine, fovea_layout source, fovea_layout weights,
    fovea_layout bias, fovea_layout destination, const_dnnl_primitive_desc_t hint,
    const_dnnl_primitive_attr_t attributes) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_inner_product_backward_weights_primitive_desc_create(
      made, engine, FOVEA_MD(source), FOVEA_MD(weights), FOVEA_MD(bias), FOVEA_MD(destination),
      hint, attributes);
#else
  dnnl_inner_product_desc_t operation;
  FOVEA_FINISH(
      dnnl_inner_product_backward_weights_desc_init(
          &operation, FOVEA_MD(source), FOVEA_MD(weights), FOVEA_MD(bias), FOVEA_MD(destination)),
      hint)
#endif
}

// `gaps` lie between the cells of a dilated window.
static inline dnnl_status_t fovea_pooling_forward(
    dnnl_primitive_desc_t *made, dnnl_engine_t engine, dnnl_prop_kind_t kind,
    dnnl_alg_kind_t algorithm, fovea_layout source, fovea_layout destination, fovea_dims strides,
    fovea_dims window, fovea_dims gaps, fovea_dims before, fovea_dims after,
    const_dnnl_primitive_attr_t attributes) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_pooling_forward_primitive_desc_create(
      made, engine, kind, algorithm, FOVEA_MD(source), FOVEA_MD(destination), strides, window,
      gaps, before, after, attributes);
#else
  dnnl_pooling_v2_desc_t operation;
  FOVEA_FINISH(
      dnnl_pooling_v2_forward_desc_init(
          &operation, kind, algorithm, FOVEA_MD(source), FOVEA_MD(destination), strides, window,
          gaps, before, after),
      NULL)
#endif
}

static inline dnnl_status_t fovea_pooling_backward(
    dnnl_primitive_desc_t *made, dnnl_engine_t engine, dnnl_alg_kind_t algorithm,
    fovea_layout source, fovea_layout destination, fovea_dims strides, fovea_dims window,
    fovea_dims gaps, fovea_dims before, fovea_dims after, const_dnnl_primitive_desc_t hint,
    const_dnnl_primitive_attr_t attributes) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_pooling_backward_primitive_desc_create(
      made, engine, algorithm, FOVEA_MD(source), FOVEA_MD(destination), strides, window, gaps,
      before, after, hint, attributes);
#else
  dnnl_pooling_v2_desc_t operation;
  FOVEA_FINISH(
      dnnl_pooling_v2_backward_desc_init(
          &operation, algorithm, FOVEA_MD(source), FOVEA_MD(destination), strides, window, gaps,
          before, after),
      hint)
#endif
}

static inline dnnl_status_t fovea_batch_normalization_forward(
    dnnl_primitive_desc_t *made, dnnl_engine_t engine, dnnl_prop_kind_t kind, fovea_layout data,
    float epsilon, unsigned flags, const_dnnl_primitive_attr_t attributes) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_batch_normalization_forward_primitive_desc_create(
      made, engine, kind, FOVEA_MD(data), FOVEA_MD(data), epsilon, flags, attributes);
#else
  dnnl_batch_normalization_desc_t operation;
  FOVEA_FINISH(
      dnnl_batch_normalization_forward_desc_init(&operation, kind, FOVEA_MD(data), epsilon, flags),
      NULL)
#endif
}

static inline dnnl_status_t fovea_batch_normalization_backward(
    dnnl_primitive_desc_t *made, dnnl_engine_t engine, fovea_layout data, float epsilon,
    unsigned flags, const_dnnl_primitive_desc_t hint, const_dnnl_primitive_attr_t attributes) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_batch_normalization_backward_primitive_desc_create(
      made, engine, dnnl_backward, FOVEA_MD(data), FOVEA_MD(data), FOVEA_MD(data), epsilon, flags,
      hint, attributes);
#else
  dnnl_batch_normalization_desc_t operation;
  FOVEA_FINISH(
      dnnl_batch_normalization_backward_desc_init(
          &operation, dnnl_backward, FOVEA_MD(data), FOVEA_MD(data), epsilon, flags),
      hint)
#endif
}

// Whether the backward pass takes the shift as an argument: 2.x wants it, 3.x refuses it.
static inline int fovea_batch_normalization_backward_takes_shift(void) {
  return DNNL_VERSION_MAJOR < 3;
}

static inline dnnl_status_t fovea_lrn_forward(
    dnnl_primitive_desc_t *made, dnnl_engine_t engine, dnnl_prop_kind_t kind, fovea_layout data,
    int64_t size, float alpha, float beta, float k, const_dnnl_primitive_attr_t attributes) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_lrn_forward_primitive_desc_create(
      made, engine, kind, dnnl_lrn_across_channels, FOVEA_MD(data), FOVEA_MD(data), size, alpha,
      beta, k, attributes);
#else
  dnnl_lrn_desc_t operation;
  FOVEA_FINISH(
      dnnl_lrn_forward_desc_init(
          &operation, kind, dnnl_lrn_across_channels, FOVEA_MD(data), size, alpha, beta, k),
      NULL)
#endif
}

static inline dnnl_status_t fovea_lrn_backward(
    dnnl_primitive_desc_t *made, dnnl_engine_t engine, fovea_layout data, int64_t size,
    float alpha, float beta, float k, const_dnnl_primitive_desc_t hint,
    const_dnnl_primitive_attr_t attributes) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_lrn_backward_primitive_desc_create(
      made, engine, dnnl_lrn_across_channels, FOVEA_MD(data), FOVEA_MD(data), FOVEA_MD(data), size,
      alpha, beta, k, hint, attributes);
#else
  dnnl_lrn_desc_t operation;
  FOVEA_FINISH(
      dnnl_lrn_backward_desc_init(
          &operation, dnnl_lrn_across_channels, FOVEA_MD(data), FOVEA_MD(data), size, alpha, beta,
          k),
      hint)
#endif
}

static inline dnnl_status_t fovea_eltwise_forward(
    dnnl_primitive_desc_t *made, dnnl_engine_t engine, dnnl_alg_kind_t algorithm,
    fovea_layout data, float alpha, float beta, const_dnnl_primitive_attr_t attributes) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_eltwise_forward_primitive_desc_create(
      made, engine, dnnl_forward_training, algorithm, FOVEA_MD(data), FOVEA_MD(data), alpha, beta,
      attributes);
#else
  dnnl_eltwise_desc_t operation;
  FOVEA_FINISH(
      dnnl_eltwise_forward_desc_init(
          &operation, dnnl_forward_training, algorithm, FOVEA_MD(data), alpha, beta),
      NULL)
#endif
}

static inline dnnl_status_t fovea_eltwise_backward(
    dnnl_primitive_desc_t *made, dnnl_engine_t engine, dnnl_alg_kind_t algorithm,
    fovea_layout data, float alpha, float beta, const_dnnl_primitive_desc_t hint,
    const_dnnl_primitive_attr_t attributes) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_eltwise_backward_primitive_desc_create(
      made, engine, algorithm, FOVEA_MD(data), FOVEA_MD(data), FOVEA_MD(data), alpha, beta, hint,
      attributes);
#else
  dnnl_eltwise_desc_t operation;
  FOVEA_FINISH(
      dnnl_eltwise_backward_desc_init(
          &operation, algorithm, FOVEA_MD(data), FOVEA_MD(data), alpha, beta),
      hint)
#endif
}

// The result lies as the first operand; the second may be repeated along axes of one.
static inline dnnl_status_t fovea_binary(
    dnnl_primitive_desc_t *made, dnnl_engine_t engine, dnnl_alg_kind_t algorithm,
    fovea_layout first, fovea_layout second, const_dnnl_primitive_attr_t attributes) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_binary_primitive_desc_create(
      made, engine, algorithm, FOVEA_MD(first), FOVEA_MD(second), FOVEA_MD(first), attributes);
#else
  dnnl_binary_desc_t operation;
  FOVEA_FINISH(
      dnnl_binary_desc_init(
          &operation, algorithm, FOVEA_MD(first), FOVEA_MD(second), FOVEA_MD(first)),
      NULL)
#endif
}

static inline dnnl_status_t fovea_matmul(
    dnnl_primitive_desc_t *made, dnnl_engine_t engine, fovea_layout first, fovea_layout second,
    fovea_layout product, const_dnnl_primitive_attr_t attributes) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_matmul_primitive_desc_create(
      made, engine, FOVEA_MD(first), FOVEA_MD(second), NULL, FOVEA_MD(product), attributes);
#else
  dnnl_matmul_desc_t operation;
  FOVEA_FINISH(
      dnnl_matmul_desc_init(
          &operation, FOVEA_MD(first), FOVEA_MD(second), NULL, FOVEA_MD(product)),
      NULL)
#endif
}

// What is fused behind a convolution or inner product: its result is added to what the
// destination holds, as numbers of `type`, then goes through a function. `algorithm` is
// dnnl_alg_kind_undef for none.
static inline dnnl_status_t fovea_attributes_create(
    dnnl_primitive_attr_t *attributes, int accumulates, dnnl_data_type_t type,
    dnnl_alg_kind_t algorithm, float alpha, float beta) {
  dnnl_status_t status = dnnl_primitive_attr_create(attributes);
  if (status != dnnl_success) return status;
  status = dnnl_primitive_attr_set_scratchpad_mode(*attributes, dnnl_scratchpad_mode_user);
  if (status != dnnl_success) return status;
  if (!accumulates && algorithm == dnnl_alg_kind_undef) return status;
  dnnl_post_ops_t after;
  status = dnnl_post_ops_create(&after);
  if (status != dnnl_success) return status;
#if DNNL_VERSION_MAJOR >= 3
  if (accumulates) status = dnnl_post_ops_append_sum(after, 1, 0, type);
  if (status == dnnl_success && algorithm != dnnl_alg_kind_undef)
    status = dnnl_post_ops_append_eltwise(after, algorithm, alpha, beta);
#else
  (void)type;  // 2.x takes the destination's.
  if (accumulates) status = dnnl_post_ops_append_sum(after, 1);
  if (status == dnnl_success && algorithm != dnnl_alg_kind_undef)
    status = dnnl_post_ops_append_eltwise(after, 1, algorithm, alpha, beta);
#endif
  if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(*attributes, after);
  dnnl_post_ops_destroy(after);
  return status;
}

#endif
