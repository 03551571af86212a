/// The C interface of libdmt_cuda: what the engine's GPU path is made of. No torch, CUDA or C++ type crosses
/// it, so that the library is built without libtorch and loaded only where a GPU is.
///
/// Conventions: matrices are row-major; pointers are device pointers unless said otherwise, and belong to the
/// caller; counts are elements. A call with a Dmt... argument is a kernel: asynchronous on `stream`, it
/// allocates nothing and waits for nothing. It returns DMT_CUDA_OK, DMT_CUDA_BAD_ARGUMENT, or the cudaError_t
/// of its launch; dmt_cuda_last_error() then says what was wrong. A count of 0 is no error and launches
/// nothing. Pointers and rows that lie at multiples of 16 bytes are read 16 bytes at a time, all others
/// element by element. Sums are made in a fixed order that depends on the shape alone: two runs give the same
/// bits.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DMT_CUDA_API __attribute__((visibility("default")))

/// Changes with every change of this interface; a loader refuses another number.
#define DMT_CUDA_INTERFACE_VERSION 4

enum { DMT_CUDA_OK = 0, DMT_CUDA_BAD_ARGUMENT = -1 };
/// Element types; the numbers are those of dmt::DType.
enum { DMT_FLOAT32 = 0, DMT_BFLOAT16 = 1 };

/// A cudaStream_t, a cudaEvent_t, a cudaGraphExec_t.
typedef void* DmtStream;
typedef void* DmtEvent;
typedef void* DmtGraph;

DMT_CUDA_API int32_t dmt_cuda_interface_version(void);
/// Version of the CUDA toolkit that the kernels were compiled with: 13000 is 13.0.
DMT_CUDA_API int32_t dmt_cuda_toolkit_version(void);
/// Compiled architectures, such as "80 90 100"; the last also as PTX, which later ones compile at load time.
DMT_CUDA_API const char* dmt_cuda_architectures(void);
/// What was wrong with this thread's last call that failed.
DMT_CUDA_API const char* dmt_cuda_last_error(void);

/// sum = x + delta where there is a delta; out = sum * rstd * weight, rstd = 1 / sqrt(mean(sum^2) + eps).
typedef struct {
  void* out;           ///< [rows, columns]
  float* rstd;         ///< [rows], for the backward pass
  void* sum;           ///< [rows, columns], may be x itself; unused without delta
  const void* x;       ///< [rows, columns]
  const void* delta;   ///< [rows, columns] or null
  const void* weight;  ///< [columns]
  int64_t rows, columns;
  float eps;
  int32_t dtype;
} DmtRmsNormForward;
DMT_CUDA_API int32_t dmt_cuda_rms_norm_forward(const DmtRmsNormForward* op, DmtStream stream);

/// dx += gradient through the norm; dweight += its share.
typedef struct {
  void* dx;            ///< [rows, columns]; holds the residual's gradient before
  void* dweight;       ///< [columns] of dweight_dtype
  const void* dout;    ///< [rows, columns]
  const void* x;       ///< [rows, columns], what was normalised
  const float* rstd;   ///< [rows]
  const void* weight;  ///< [columns]
  float* workspace;    ///< [dmt_cuda_rms_norm_workspace(rows, columns)]
  int64_t rows, columns;
  int32_t dtype, dweight_dtype;
} DmtRmsNormBackward;
DMT_CUDA_API int32_t dmt_cuda_rms_norm_backward(const DmtRmsNormBackward* op, DmtStream stream);
DMT_CUDA_API int64_t dmt_cuda_rms_norm_workspace(int64_t rows, int64_t columns);

/// Turns the query and key heads of each token in place, with sign 1 forward and -1 backward.
typedef struct {
  void* qkv;                 ///< [tokens, row_stride]: turned_heads * head_dim, then what is not turned
  const int32_t* positions;  ///< [tokens], of each token in its document
  const float* cos;          ///< [positions, head_dim / 2]
  const float* sin;
  int64_t tokens, row_stride;
  int32_t turned_heads, head_dim;
  float sign;
  int32_t dtype;
} DmtRotary;
DMT_CUDA_API int32_t dmt_cuda_rotary(const DmtRotary* op, DmtStream stream);

/// out = silu(gate) * up. Backward: gate and up become their gradients.
typedef struct {
  void* out;      ///< [rows, columns]; backward: the gradient of out, which is read
  void* gate_up;  ///< [rows, 2 * columns]: gate, then up; forward: read
  int64_t rows, columns;
  int32_t dtype;
} DmtSwiglu;
DMT_CUDA_API int32_t dmt_cuda_swiglu_forward(const DmtSwiglu* op, DmtStream stream);
DMT_CUDA_API int32_t dmt_cuda_swiglu_backward(const DmtSwiglu* op, DmtStream stream);

/// out = x * scale, or 0 where the random bits of the place are below the threshold, see kernels/dropout.h.
typedef struct {
  void* out;                  ///< [rows, columns]; may be x
  const void* x;              ///< [rows, columns]
  const int32_t* token_keys;  ///< [rows]
  uint64_t key;
  int64_t rows, columns;
  uint32_t threshold;
  float scale;
  int32_t dtype;
} DmtDropout;
DMT_CUDA_API int32_t dmt_cuda_dropout(const DmtDropout* op, DmtStream stream);

/// losses = log(sum(exp(logits))) - logits[label] per row; the logits become (softmax - onehot) * scale,
/// unless forward_only is not 0.
typedef struct {
  float* losses;          ///< [rows]
  void* logits;           ///< [rows, vocabulary]
  const int32_t* labels;  ///< [rows], each in [0, vocabulary)
  int64_t rows, vocabulary;
  float scale;
  int32_t dtype, forward_only;
} DmtCrossEntropy;
DMT_CUDA_API int32_t dmt_cuda_cross_entropy(const DmtCrossEntropy* op, DmtStream stream);

/// loss_sums[s] += the losses of rows of source s, label_tokens[s] += their number.
typedef struct {
  double* loss_sums;       ///< [source_count]
  int64_t* label_tokens;   ///< [source_count]
  const float* losses;     ///< [rows]
  const int32_t* sources;  ///< [rows], each in [0, source_count)
  int64_t rows;
  int32_t source_count;
} DmtSourceSums;
DMT_CUDA_API int32_t dmt_cuda_source_sums(const DmtSourceSums* op, DmtStream stream);

/// Where the exact weights are.
enum {
  DMT_MASTER_FLOAT32 = 0,     ///< float32 master; weights (may be null) receive it rounded
  DMT_MASTER_SPLIT = 1,       ///< bfloat16 weights and the 16 bits that they lack of float32
  DMT_MASTER_STOCHASTIC = 2,  ///< bfloat16 weights alone, rounded stochastically
};
/// One AdamW step over a flat shard, in one pass; constants as in kernels/flat.h. Nothing is changed where
/// gradient_scale, from clipping, is not finite.
typedef struct {
  float* master;        ///< DMT_MASTER_FLOAT32: [count]
  void* weights;        ///< bfloat16 [count]
  uint16_t* remainder;  ///< DMT_MASTER_SPLIT: [count]
  void* first_moment;   ///< [count] of moment_dtype; bfloat16 is rounded stochastically
  void* second_moment;
  const void* gradient;  ///< [count] of gradient_dtype
  int64_t count;
  int64_t first_index;  ///< of element 0 in its unit: random bits do not depend on how the unit is cut
  uint64_t random_key;  ///< kernels::random_key(seed, unit, step)
  float learning_rate, beta1, beta2, epsilon, weight_decay, one_minus_beta1, one_minus_beta2;
  float bias_correction1, bias_correction2, gradient_scale;
  int32_t master_kind, moment_dtype, gradient_dtype;
} DmtAdamW;
DMT_CUDA_API int32_t dmt_cuda_adamw(const DmtAdamW* op, DmtStream stream);

/// *sum = sum of squares in double.
typedef struct {
  double* sum;        ///< one
  double* workspace;  ///< [DMT_SUM_WORKSPACE]
  const void* x;      ///< [count]
  int64_t count;
  int32_t dtype;
} DmtSumOfSquares;
enum { DMT_SUM_WORKSPACE = 1024 };
DMT_CUDA_API int32_t dmt_cuda_sum_of_squares(const DmtSumOfSquares* op, DmtStream stream);

/// out = x in another type, or a copy.
typedef struct {
  void* out;
  const void* x;
  int64_t count;
  int32_t out_dtype, x_dtype;
} DmtCast;
DMT_CUDA_API int32_t dmt_cuda_cast(const DmtCast* op, DmtStream stream);

/// Packed weights; the numbers are those of dmt::kernels::QuantizedFormat.
enum { DMT_INT8 = 0, DMT_NF4 = 1 };
/// out = what the codes of a packed matrix stand for, with the bits that the CPU makes of them.
typedef struct {
  void* out;           ///< [rows, columns]
  const void* packed;  ///< at a multiple of 16; see packed_layout() of kernels/quantized_format.h
  int64_t rows, columns;
  int32_t format, dtype;
} DmtDequantize;
DMT_CUDA_API int32_t dmt_cuda_dequantize(const DmtDequantize* op, DmtStream stream);

/// sum[i] += x[0][i] + x[1][i] + ..., the parts added first, in their order, in float32.
typedef struct {
  void* sum;      ///< [count] of sum_dtype
  const void* x;  ///< [parts, count]
  int64_t parts, count;
  int32_t sum_dtype, x_dtype;
} DmtAddParts;
DMT_CUDA_API int32_t dmt_cuda_add_parts(const DmtAddParts* op, DmtStream stream);

/// out[i] = table[rows[i]], bit for bit.
typedef struct {
  void* out;            ///< [count, columns]
  const void* table;    ///< [.., columns]
  const int32_t* rows;  ///< [count]
  int64_t count, columns;
  int32_t dtype;
} DmtGatherRows;
DMT_CUDA_API int32_t dmt_cuda_gather_rows(const DmtGatherRows* op, DmtStream stream);

/// dtable[token] += the sum, in float32, of dout's rows of that token. A run is all positions of one token;
/// the caller sorts them (cuda/embedding.h: EmbeddingRuns) on the host, where the tokens are.
typedef struct {
  void* dtable;           ///< [.., columns] of dtable_dtype
  const void* dout;       ///< [tokens, columns]
  const int32_t* order;   ///< [tokens]: positions, those of a token next to each other and rising
  const int32_t* begins;  ///< [runs + 1]: where runs begin in order
  const int32_t* tokens;  ///< [runs]: the token of each run, no token twice
  int64_t runs, columns;
  int32_t dtable_dtype, dtype;
} DmtEmbeddingBackward;
DMT_CUDA_API int32_t dmt_cuda_embedding_backward(const DmtEmbeddingBackward* op, DmtStream stream);

/// The key-value cache of one layer: keys and values are [slots, kv_heads, capacity, head_dim], one slot per
/// request. A row of qkv holds query heads, key heads, value heads, turned already. lengths[slot] counts the
/// positions of a slot with the token that is being decoded; 0 means that the slot is idle.

/// Copies each slot's key and value heads to its position lengths[slot] - 1. Idle slots are left alone, and
/// so are those with a length above the capacity.
typedef struct {
  void* keys;  ///< [slots, kv_heads, capacity, head_dim]
  void* values;
  const void* qkv;         ///< [slots, row_stride]
  const int32_t* lengths;  ///< [slots]
  int64_t slots, capacity, row_stride;
  int32_t heads, kv_heads, head_dim;
  int32_t dtype;
} DmtCacheWrite;
DMT_CUDA_API int32_t dmt_cuda_cache_write(const DmtCacheWrite* op, DmtStream stream);

/// The same for a prompt: the tokens' rows go to positions first, first + 1, ... of one slot.
typedef struct {
  void* keys;  ///< [slots, kv_heads, capacity, head_dim]
  void* values;
  const void* qkv;  ///< [tokens, row_stride]
  int64_t slots, capacity, row_stride;
  int64_t slot, first, tokens;
  int32_t heads, kv_heads, head_dim;
  int32_t dtype;
} DmtCacheFill;
DMT_CUDA_API int32_t dmt_cuda_cache_fill(const DmtCacheFill* op, DmtStream stream);

/// out = softmax(query * keys * scale) * values over each slot's own positions; heads / kv_heads query heads
/// share a key head. The row of an idle slot becomes zeros, that of one with a length above `longest` NaN.
/// A slot's bits depend on its contents and its length alone, whatever the other slots, their number, the
/// capacity and `longest` are. keys and values lie at multiples of 16 bytes.
typedef struct {
  void* out;         ///< [slots, heads * head_dim]
  const void* qkv;   ///< [slots, row_stride], of which the query heads are read
  const void* keys;  ///< [slots, kv_heads, capacity, head_dim]
  const void* values;
  const int32_t* lengths;  ///< [slots]
  float* workspace;        ///< [dmt_cuda_decode_workspace(slots, heads, head_dim, capacity)]
  int64_t slots, capacity, row_stride;
  /// No length is above it. The launch depends on it and not on the lengths, which may change before a
  /// captured launch is repeated; those who know no better give the capacity.
  int64_t longest;
  int32_t heads, kv_heads;
  int32_t head_dim;  ///< a multiple of 8, at most 256
  float scale;
  int32_t dtype;
} DmtDecodeAttention;
DMT_CUDA_API int32_t dmt_cuda_decode_attention(const DmtDecodeAttention* op, DmtStream stream);
DMT_CUDA_API int64_t dmt_cuda_decode_workspace(int64_t slots, int32_t heads, int32_t head_dim,
                                               int64_t capacity);

/// How a row's token is chosen, see kernels/sampling_rule.h.
typedef struct {
  double temperature;  ///< 0: the largest logit, the lowest token among equals
  double top_p;        ///< in (0, 1]
  uint64_t random;     ///< 64 random bits
  int64_t open;        ///< 0: the row has no request
} DmtChoice;

/// tokens = what is chosen from each row's logits; -1 for a row with one that is not finite, or without a
/// request.
typedef struct {
  int32_t* tokens;           ///< [rows]
  const void* logits;        ///< [rows, row_stride], of which `vocabulary` are read
  const DmtChoice* choices;  ///< [rows]
  uint64_t* workspace;       ///< [rows, vocabulary]
  int64_t rows, vocabulary, row_stride;
  int32_t dtype;
} DmtSample;
DMT_CUDA_API int32_t dmt_cuda_sample(const DmtSample* op, DmtStream stream);

/// The device that this thread's later calls are for, numbered from 0.
DMT_CUDA_API int32_t dmt_cuda_set_device(int32_t device);
/// Bytes of the current device that nobody holds, and all that it has. Host pointers.
DMT_CUDA_API int32_t dmt_cuda_memory_info(int64_t* free_bytes, int64_t* total_bytes);

/// A stream that does not wait for the default one.
DMT_CUDA_API int32_t dmt_cuda_stream_create(DmtStream* stream);
/// Its work is still done. Null is no error, here and for events and graphs.
DMT_CUDA_API int32_t dmt_cuda_stream_destroy(DmtStream stream);
/// Waits until the stream's work is done. An error of a kernel, or the loss of the GPU, shows up here at the
/// latest; both last until the process ends, and every later call returns them again.
DMT_CUDA_API int32_t dmt_cuda_synchronize(DmtStream stream);

DMT_CUDA_API int32_t dmt_cuda_event_create(DmtEvent* event);
DMT_CUDA_API int32_t dmt_cuda_event_destroy(DmtEvent event);
/// The event happens when all earlier work of the stream is done.
DMT_CUDA_API int32_t dmt_cuda_event_record(DmtEvent event, DmtStream stream);
/// Later work of the stream waits for the event, as it was last recorded.
DMT_CUDA_API int32_t dmt_cuda_stream_wait(DmtStream stream, DmtEvent event);
/// Waits for `end`. Both must have been recorded.
DMT_CUDA_API int32_t dmt_cuda_event_elapsed_ms(float* milliseconds, DmtEvent begin, DmtEvent end);

/// From here on the stream's work is written down and not done, until dmt_cuda_graph_end() on the same
/// thread. Other threads go on as before. The default stream cannot be captured.
DMT_CUDA_API int32_t dmt_cuda_graph_begin(DmtStream stream);
/// The work written down, ready to be launched. After a failure too the stream does its work again, and
/// *graph is null; the message then names the call of this library that broke the capture, if one did.
DMT_CUDA_API int32_t dmt_cuda_graph_end(DmtStream stream, DmtGraph* graph);
/// Does the work with the arguments that were captured, on what lies there now.
DMT_CUDA_API int32_t dmt_cuda_graph_launch(DmtGraph graph, DmtStream stream);
DMT_CUDA_API int32_t dmt_cuda_graph_destroy(DmtGraph graph);

#ifdef __cplusplus
}
#endif
