/// The facade of the native engine: bindings parse the headers of this folder alone. They hold no torch
/// types, so that an application can be compiled without libtorch's headers.
///
/// Conventions: arrays are row-major and belong to the caller; counts are elements, not bytes; every
/// function reports failure by throwing std::runtime_error (EngineError) with a message that names the
/// value found and the value expected. An engine is used by one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace dmt {

/// Label of a position that carries no loss.
constexpr int32_t kIgnoreIndex = -100;

/// Type of the weights and activations that matrix products see. Gradients and moments are float32 with
/// either, unless EngineConfig says otherwise; so are the weights that the optimizer sees.
enum class DType : int32_t { kFloat32 = 0, kBFloat16 = 1 };

/// What the backward pass computes again instead of keeping it, per decoder block.
enum class Recompute : int32_t {
  kNone = 0,       ///< keep everything
  kCheap = 1,      ///< norms and the activation function: no matrix product is repeated
  kAttention = 2,  ///< the whole block except the attention kernel, whose output is kept
  kFull = 3,       ///< the whole block: only its input is kept
};

/// What Engine::attention() measures of a head.
constexpr int32_t kAttentionMeasures = 4;

/// What stands for a document in hidden_states().
enum class Pooling : int32_t {
  kMean = 0,  ///< mean over its tokens
  kLast = 1,  ///< its last token
};

/// Where a training state is while it is written.
enum class StateMemory : int32_t {
  kCopied = 0,  ///< takes as much memory as its file, and the engine may go on
  kShared = 1,  ///< takes none, and the engine must stay, and not change, until write() has returned
};

/// How rotary frequencies are stretched for long contexts (config.json: rope_scaling / rope_parameters).
enum class RopeScaling : int32_t { kNone = 0, kLinear = 1, kLlama3 = 2 };

/// What an engine computes on, and where its tensors are.
enum class Device : int32_t { kCpu = 0, kCuda = 1 };

/// Shape of a LlamaForCausalLM.
struct ModelConfig {
  int32_t vocab_size = 0;
  int32_t hidden_size = 0;
  int32_t intermediate_size = 0;
  int32_t layers = 0;
  int32_t heads = 0;
  int32_t kv_heads = 0;  ///< divides heads
  int32_t head_dim = 0;  ///< even
  int32_t max_position_embeddings = 0;
  double rms_norm_eps = 1e-6;
  double initializer_range = 0.02;
  bool tie_word_embeddings = false;
  double rope_theta = 10000.0;
  RopeScaling rope_scaling = RopeScaling::kNone;
  double rope_factor = 1.0;
  double rope_low_freq_factor = 1.0;                  ///< llama3 only
  double rope_high_freq_factor = 4.0;                 ///< llama3 only
  int32_t rope_original_max_position_embeddings = 0;  ///< llama3 only
};

/// What is cut into one slice per rank. Batches always are: every rank trains on its own.
enum class Sharding : int32_t {
  kFull = 0,    ///< weights, gradients and optimizer states (ZeRO-3)
  kGradOp = 1,  ///< gradients and optimizer states; every rank keeps whole weights (ZeRO-2)
  kHybrid = 2,  ///< as kFull among the ranks of a node, with a replica on every node
  kNone = 3,    ///< nothing: every rank keeps everything
};

/// When gradients are summed over ranks and cut into slices.
enum class GradientReduction : int32_t {
  kEachMicroBatch = 0,  ///< gradients take memory / ranks, and travel once per micro-batch
  kEachStep = 1,        ///< every rank adds up whole gradients, which travel once per step
};

/// How gradients get to the ranks that own them, and who adds them up.
enum class ReduceCollective : int32_t {
  kAllToAll = 0,       ///< a rank receives the parts of all, and adds them in float32, in the order of ranks
  kReduceScatter = 1,  ///< the backend adds on the way, in the type that travels and in an order of its own
};

/// Who the other ranks are.
enum class GroupKind : int32_t {
  kProcesses = 0,  ///< processes behind a c10d::Backend
  kSimulated = 1,  ///< nobody: memory and copies are those of the rank, losses mean nothing
};

/// This process's part in a run. Ranks of a node are neighbours: rank = node * node_size + local rank.
struct ParallelConfig {
  int32_t rank = 0;  ///< in [0, world_size)
  int32_t world_size = 1;
  Sharding sharding = Sharding::kFull;
  int32_t node_size = 1;                 ///< ranks per node; hybrid only
  DType reduce_dtype = DType::kFloat32;  ///< in which gradients travel
  GradientReduction gradient_reduction = GradientReduction::kEachMicroBatch;
  ReduceCollective reduce_collective = ReduceCollective::kAllToAll;
  GroupKind group_kind = GroupKind::kProcesses;
  /// Addresses of a c10d::Backend, which the engine comes to share: of the ranks that hold the other slices
  /// (full, grad-op: all ranks; hybrid: those of the node), and of those that hold the same slice (none: all
  /// ranks; hybrid: those of the same local rank). 0 where that is this rank alone.
  int64_t shard_group = 0;
  int64_t replica_group = 0;
  /// Another group of shard_group's ranks: gradients then travel through it while weights travel through
  /// shard_group. A backend of one stream, as NCCL's is, would make one wait for the other. 0: shard_group
  /// carries both.
  int64_t reduce_group = 0;
};

/// Matrices that an adapter can stand beside, by PEFT's names of LLaMA's modules.
enum class AdapterTarget : int32_t {
  kQuery = 0,      ///< q_proj
  kKey = 1,        ///< k_proj
  kValue = 2,      ///< v_proj
  kOutput = 3,     ///< o_proj
  kGate = 4,       ///< gate_proj
  kUp = 5,         ///< up_proj
  kDown = 6,       ///< down_proj
  kEmbedding = 7,  ///< embed_tokens
  kHead = 8,       ///< lm_head
};
constexpr int32_t kAdapterTargets = 9;

/// A low-rank adapter (LoRA, arXiv 2106.09685). Beside each matrix W [N, K] that is a target, in every layer,
/// stand A [rank, K] and B [N, rank]: y = x W^T + scale * dropout(x) A^T B^T, with scale = alpha / rank. The
/// weights of the model stay as they are.
struct AdapterConfig {
  /// By AdapterTarget, at most the smaller side of the matrix; 0: no target. All 0: there is no adapter.
  int32_t ranks[kAdapterTargets] = {};
  double alphas[kAdapterTargets] = {};  ///< by AdapterTarget
  bool rank_stabilized = false;         ///< scale = alpha / sqrt(rank) (rsLoRA, arXiv 2312.03732)
  /// Share of the inputs of A that a training step takes for 0, in [0, 1). Which ones is a function of seed,
  /// step, document and place: the same however a step is cut. Matrices that have the same input share it.
  double dropout = 0.0;
  uint64_t seed = 0;  ///< of fresh adapters and of dropout
};

/// How the decoder blocks' matrices of a model that is not trained are kept; embeddings, head and norms are
/// in the compute dtype always.
enum class BaseWeights : int32_t {
  kComputeDtype = 0,
  kInt8 = 1,  ///< a scale per row, as bitsandbytes keeps 8-bit weights (LLM.int8, arXiv 2208.07339)
  kNf4 = 2,   ///< blocks of 64 with scales that are quantised again (QLoRA, arXiv 2305.14314)
};

/// How an engine computes. Values are checked when the engine is made.
struct EngineConfig {
  Device device = Device::kCpu;
  int32_t device_index = 0;  ///< of the GPUs that this process sees, from 0
  DType compute_dtype = DType::kFloat32;
  Recompute recompute = Recompute::kNone;
  /// False: no gradients and no optimizer state are kept; accumulate() and apply() throw.
  bool trainable = true;
  /// kBFloat16, with a compute_dtype of bfloat16 only: weights are all there is, and they and the moments are
  /// rounded stochastically after each step. 6 bytes per parameter in place of 12, gradients aside.
  DType optimizer_states = DType::kFloat32;
  /// In which gradients are added up. kBFloat16, with a compute_dtype of bfloat16 only, halves their memory,
  /// and rounds after each micro-batch.
  DType gradient_dtype = DType::kFloat32;
  double adam_beta1 = 0.9;
  double adam_beta2 = 0.999;
  double adam_epsilon = 1e-8;
  double weight_decay = 0.0;         ///< decoupled, on every parameter
  double max_gradient_norm = 1.0;    ///< global 2-norm to clip at; 0 switches clipping off
  int32_t source_count = 1;          ///< sources that losses are reported for
  int32_t loss_chunk_tokens = 1024;  ///< label positions whose logits exist at the same time
  int32_t threads = 0;               ///< CPU threads; 0 takes one per core (OMP_NUM_THREADS if it is set)
  /// With an adapter it alone is trained, saved and restored: gradients and optimizer states are its.
  AdapterConfig adapter;
  /// Other than kComputeDtype: only with an adapter, or not trainable.
  BaseWeights base_weights = BaseWeights::kComputeDtype;
  ParallelConfig parallel;
};

/// Some documents, laid end to end without padding. A token attends to the tokens before it in its own
/// document, and positions start at 0 in each. The arrays stay the caller's and are read during the call
/// only.
struct MicroBatch {
  int64_t token_count = 0;
  int32_t document_count = 0;
  /// [token_count], each in [0, vocab_size)
  const int32_t* token_ids = nullptr;
  /// [token_count]: the token that follows position t (labels are already shifted), or kIgnoreIndex
  const int32_t* labels = nullptr;
  /// [document_count + 1], rising from 0 to token_count; no document is empty or longer than
  /// max_position_embeddings
  const int32_t* document_offsets = nullptr;
  /// [document_count], each in [0, source_count)
  const int32_t* document_sources = nullptr;
};

/// What one optimizer step did.
struct StepMetrics {
  int64_t step = 0;            ///< 1 for the first
  double loss = 0.0;           ///< mean over the step's label tokens, whatever their weights
  double gradient_norm = 0.0;  ///< global 2-norm before clipping
  int64_t label_tokens = 0;
  int64_t tokens = 0;
};

/// What the time of an engine's device went into, in seconds.
struct WorkSeconds {
  double products = 0.0;  ///< matrix products, with an addition or, on the CPU, a norm that is fused to one
  double attention = 0.0;
  double element_wise = 0.0;   ///< norms, rotary embedding, SwiGLU, embedding, sums of ranks' parts
  double loss = 0.0;           ///< cross-entropy, without the product that makes the logits
  double optimizer = 0.0;      ///< gradient norm, AdamW, zeroing what stays of the gradients
  double communication = 0.0;  ///< waiting for collectives, with nothing else to do
  double total = 0.0;  ///< from start_clock() to stop_clock(); what is left was spent otherwise or idle
};

/// What has computed attention on a GPU: calls, one for each layer forward and one backward.
struct AttentionCalls {
  int64_t cudnn = 0;  ///< documents of equal lengths, in a shape that has been trained on before
  int64_t flash = 0;  ///< documents of any lengths
  int64_t plain = 0;  ///< float32, and what the others lack; slow
};

/// Floating-point operations of a training step for each token of a sequence, forward and backward, nothing
/// computed twice: 6 * (weights of blocks and unembedding) + 6 * layers * attention width * length, since a
/// token attends to half of the others on average ("causal").
double training_flops_per_token(const ModelConfig& model, int64_t length);

/// What ranks reach each other through.
struct Interconnect {
  /// Bytes per second of a collective, in NCCL's "bus bandwidth": of a whole of B bytes, B * (ranks - 1) /
  /// ranks reach a rank, in that time divided by this. The defaults were measured with NCCL 2.27 on eight
  /// H200 behind NVLink 4 (stas00/ml-engineering).
  double all_gather = 361e9;
  double reduce_scatter = 363e9;
  /// Part of their speed that matrix products lose while a collective runs beside them: NCCL takes processors
  /// of the GPU. Published: 0.3 to 0.4.
  double product_speed_lost = 0.35;
};

/// What a step of a simulated rank would take among real ones, see predict_step().
struct StepPrediction {
  double seconds = 0.0;
  double computation = 0.0;    ///< of seconds; as measured
  double slow_down = 0.0;      ///< of seconds; lost by products that collectives run beside
  double exposed = 0.0;        ///< of seconds; nothing is left to compute beside the collectives
  double communication = 0.0;  ///< of all collectives, hidden or not
};

/// Predicts the step of a rank from that of a simulated one (GroupKind::kSimulated). Gathers and reductions
/// are taken to follow each other, and to be hidden behind forward and backward but for the first gathers,
/// the last reductions, and all reductions that are made once per step; an all-to-all to be as fast as a
/// reduce-scatter. Waits for slower ranks are not counted. For
/// Sharding::kFull and kGradOp; throws for others.
/// @param step one step of the simulated rank
/// @param micro_batches of that step
StepPrediction predict_step(const ModelConfig& model, const EngineConfig& config, const WorkSeconds& step,
                            int32_t micro_batches, const Interconnect& interconnect);

/// Bytes that this rank's engine holds, by purpose.
struct MemoryAccount {
  int64_t weights = 0;         ///< in the compute dtype, or as BaseWeights says
  int64_t master_weights = 0;  ///< the 16 bits that each bfloat16 weight lacks of float32; 0 where none do
  int64_t gradients = 0;
  int64_t optimizer_states = 0;
  int64_t buffers = 0;           ///< gathered weights, gradients on their way; shared by all units
  int64_t activations_peak = 0;  ///< largest sum of activations and temporaries so far

  int64_t total() const {
    return weights + master_weights + gradients + optimizer_states + buffers + activations_peak;
  }
};

/// What memory_account() of an engine says before its first step, or, with tokens, after a micro-batch of so
/// many, all of them labels (forward only where the config is not trainable). Nothing is allocated.
MemoryAccount planned_memory(const ModelConfig& model, const EngineConfig& config,
                             int64_t micro_batch_tokens = 0);

/// One rank of a training run. In a world of several ranks all methods but the constants (model_config,
/// parameter_count, tensor_*, step_source_losses, memory_account) are collective: every rank makes the same
/// calls in the same order. A rank that has no tokens for a call gives an empty micro-batch (no tokens, no
/// documents), and takes part.
class Engine {
 public:
  /// Loads a Hugging Face folder: config.json with model.safetensors, or shards and their index.
  Engine(const std::string& model_dir, const EngineConfig& config);
  /// Fresh weights, normal with deviation initializer_range; norms are 1. The same seed gives the same
  /// weights everywhere.
  Engine(const ModelConfig& model, uint64_t seed, const EngineConfig& config);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  ModelConfig model_config() const;
  /// Of the model, without adapters.
  int64_t parameter_count() const;
  /// Of what is trained: the model's, or the adapter's.
  int64_t trained_parameter_count() const;
  MemoryAccount memory_account() const;

  /// Holds from now on what a micro-batch of up to so many tokens takes, in one piece: planned_memory() with
  /// as many says how much. Without it the first micro-batch that is larger than all before does, and the
  /// engine holds more with each. Throws if there is no memory for it.
  void reserve(int64_t micro_batch_tokens);

  /// Forward and backward: adds token_weight times the gradient of the batch's sum of token losses, until
  /// apply(). What a step minimises is a weighted mean: token_weight times label tokens, added over its
  /// micro-batches, must be 1. With 1 / (label tokens of the step) for all of them, every label token
  /// weighs the same however the step is cut; with 1 / (micro-batches * label tokens of this one), every
  /// micro-batch does. Reported losses are never weighted. The step is that of all ranks together.
  void accumulate(const MicroBatch& batch, double token_weight);
  /// Clips, updates the weights with AdamW, zeroes the gradients. If the loss or the gradient norm is not
  /// finite it throws, names the step, and leaves the weights as they were.
  StepMetrics apply(double learning_rate);
  /// Zeroes AdamW's moments and the count of steps, as a new run from the same weights would start. Throws
  /// within a step, that is between accumulate() and apply().
  void reset_optimizer();
  /// Loss of the step that apply() ended last, by source, over all ranks.
  /// @param loss_sums [source_count], sum of negative log-likelihoods in nats
  /// @param label_tokens [source_count]
  void step_source_losses(double* loss_sums, int64_t* label_tokens) const;
  /// Since the engine was made, by what computed it; zeros on a CPU.
  AttentionCalls attention_calls() const;
  /// From here on accumulate() and apply() note what the device's time goes into, which costs two time stamps
  /// per operation and, on a GPU, a wait every few thousand. Throws if the clock runs.
  void start_clock();
  /// Throws if no clock runs, or if the device has failed.
  WorkSeconds stop_clock();
  /// Forward only: adds each source's sum of negative log-likelihoods and label tokens to the arrays
  /// [source_count]. Sums are this rank's: see sum_over_ranks().
  void evaluate(const MicroBatch& batch, double* loss_sums, int64_t* label_tokens);
  /// Replaces values [count] by their sums over all ranks.
  void sum_over_ranks(double* values, int64_t count) const;
  /// Forward only. @param logits [token_count, vocab_size]
  void logits(const MicroBatch& batch, float* logits);
  /// Forward only: what each document looks like after the embedding (layer 0) and after each decoder block
  /// (layers 1 to `layers`), before the final norm. @param states [layers + 1, document_count, hidden_size]
  void hidden_states(const MicroBatch& batch, Pooling pooling, float* states);

  /// Forward only: what heads attend to, mean over the positions of each document: entropy in nats; distance
  /// back in positions; share of the document's first position; and the share that lies elsewhere than in
  /// `before`, an engine with a model of the same shape on the same device, or this one, which gives 0.
  /// @param measures [layers, heads, document_count, kAttentionMeasures]
  void attention(const MicroBatch& batch, Engine& before, double* measures);
  /// As evaluate() would if a head's output were 0. @param layer 0-based @param head 0-based
  void evaluate_without_head(const MicroBatch& batch, int32_t layer, int32_t head, double* loss_sums,
                             int64_t* label_tokens);

  /// Fills the adapter of the config, which is fresh before: A uniform in +-1 / sqrt(K), B zeros (an
  /// embedding's: A zeros, B normal), as PEFT makes them. Throws within a step, and if the file is not of
  /// such an adapter. @param file adapter_model.safetensors with PEFT's names
  void load_adapter(const std::string& file);
  /// Another adapter for requests of a Generation to choose; of an engine that is not trainable.
  /// @return its number, from 1, or from 0 if the config has none
  int32_t add_adapter(const AdapterConfig& adapter, const std::string& file);
  /// Writes the adapter of the config as adapter_model.safetensors with PEFT's names, as save() does.
  void save_adapter(const std::string& directory, DType dtype) const;

  /// Number of named tensors, in the order in which they are saved: the model's, or with an adapter in the
  /// config those of the adapter.
  int32_t tensor_count() const;
  /// Hugging Face name, such as "model.layers.0.self_attn.q_proj.weight", or PEFT's, such as
  /// "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight". @param tensor 0-based
  std::string tensor_name(int32_t tensor) const;
  /// Elements of a tensor. @param tensor 0-based
  int64_t tensor_size(int32_t tensor) const;
  /// Copies a weight in float32, as exact as there is. @param out [tensor_size(tensor)]
  void read_weight(int32_t tensor, float* out) const;
  /// Copies what accumulate() has added up since the last apply(), over all ranks.
  /// @param out [tensor_size(tensor)]
  void read_gradient(int32_t tensor, float* out) const;

  /// Writes config.json, generation_config.json and the weights to an existing directory, in shards of at
  /// most 5 GB, and flushes them to the disk. Files of the same names are replaced, not before the new
  /// ones are complete. Rank 0 writes, the others send it their slices, unit by unit. Throws for an engine
  /// with an adapter: see save_adapter() and merge_adapter().
  /// @param directory of rank 0; other ranks give any
  void save(const std::string& directory, DType dtype) const;
  /// Goes on from the state files of a folder (see TrainingState), whatever the number of ranks and the
  /// sharding of the run that wrote them: weights, moments and count of steps become those of that run.
  /// Throws within a step, if a file is missing, or if the files are of another model. A rank that fails has
  /// part of the state only.
  void restore(const std::string& directory);

 private:
  friend class Generation;
  friend class GradientSet;
  friend class TrainingState;
  struct Impl;
  void require_adapter(const char* what) const;
  std::unique_ptr<Impl> impl_;  // torch types live behind this pointer
};

/// This rank's part of all that a run needs to go on: float32 weights, moments, count of steps. Between two
/// steps only. What is written can be written by another thread than the engine's.
class TrainingState {
 public:
  TrainingState(const Engine& engine, StateMemory memory);
  ~TrainingState();
  TrainingState(const TrainingState&) = delete;
  TrainingState& operator=(const TrainingState&) = delete;

  /// Of the file.
  int64_t bytes() const;
  /// Writes rank-RRRRR-of-NNNNN.safetensors to a folder that exists and flushes it to the disk. It appears
  /// whole or not at all. @return its name
  std::string write(const std::string& directory) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Gradients of several sets of micro-batches at the same weights, and how they lie to each other. Made
/// between two steps; until it is destroyed accumulate() works for it and apply() throws. Collective, as the
/// engine is, but for the destructor. The engine must outlive it.
class GradientSet {
 public:
  /// Throws within a step, if there is such a set already, or if the engine is not trainable.
  explicit GradientSet(Engine& engine);
  /// Drops what was accumulated and not kept: the next step begins anew.
  ~GradientSet();
  GradientSet(const GradientSet&) = delete;
  GradientSet& operator=(const GradientSet&) = delete;

  /// Sets aside what accumulate() has added up, whose label tokens must weigh 1 together as for apply().
  /// Takes as much memory as this rank's slice of the gradients. @return its number, from 0
  int32_t keep();
  /// Inner products of two kept gradients, tensor by tensor, over all ranks, in double.
  /// @param products [tensor_count()] of the engine
  void products(int32_t one, int32_t other, double* products) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Writes the weights in the state files of a folder as Engine::save(), or, of an adapter's, save_adapter()
/// would, in memory that does not grow with the model. @param directory exists
void export_model(const std::string& state_directory, const std::string& directory, DType dtype);

/// Writes a model folder whose weights are W + scale * B A: what a model with an adapter computes, without
/// one. In memory that does not grow with the model. @param model_dir of the base @param file of the adapter
/// @param directory exists
void merge_adapter(const std::string& model_dir, const AdapterConfig& adapter, const std::string& file,
                   const std::string& directory, DType dtype);

/// How the next token is chosen.
struct SamplingConfig {
  double temperature = 0.0;  ///< 0 is greedy: the largest logit, the lowest id among equals
  double top_p = 1.0;        ///< in (0, 1]: smallest set of tokens with at least this probability
  uint64_t seed = 0;         ///< of this request alone
};

/// Batched decoding with a key-value cache. A request's tokens depend on nothing but the request: not on
/// what else is in the batch, nor on the slot. The engine must outlive it, and its weights must not
/// change while requests are open.
class Generation {
 public:
  /// @param slots requests that can be open at once
  /// @param max_tokens prompt and generated tokens of a request together, at most
  ///     max_position_embeddings
  Generation(Engine& engine, int32_t slots, int32_t max_tokens);
  ~Generation();
  Generation(const Generation&) = delete;
  Generation& operator=(const Generation&) = delete;

  /// Reads a prompt into a free slot and returns the slot. Collective where weights are in slices, as step()
  /// is: ranks differ in their requests, and make the same calls. @param prompt [length], not empty
  /// @param adapter of the engine, -1: none; 0 where the engine has none is none
  int32_t open(const int32_t* prompt, int32_t length, const SamplingConfig& sampling, int32_t adapter = 0);
  /// What a rank calls that has no prompt left while another one opens a request.
  void take_part();
  /// Chooses one token for every open request and feeds it back. @param tokens [slots], -1 where no
  /// request is open
  void step(int32_t* tokens);
  /// Frees a slot.
  void close(int32_t slot);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Version of the NCCL that is loaded, as it numbers itself: 22603 is 2.26.3. 0 where none is.
int32_t nccl_version();
/// Bytes of a GPU that are in use, by this process or another. Throws as an Engine on it would.
int64_t gpu_bytes_in_use(int32_t device_index);
/// Version of libtorch that the engine runs on, such as "2.13.0".
std::string torch_version();
/// CPU threads that an engine uses unless its config says otherwise.
int32_t thread_count();
/// The GPUs that this process finds and the kernels for them, or what is missing and how to get it.
std::string gpu_report();
/// What check_gpu() looks at; each needs what comes before it.
enum class GpuCheck : int32_t {
  kDriver = 0,
  kLibraries = 1,    ///< of NVIDIA, each with its version
  kKernels = 2,      ///< ours
  kLaunch = 3,       ///< a kernel runs and computes what the CPU does
  kAttention = 4,    ///< flash's and cuDNN's against plain attention, forward and backward
  kCollectives = 5,  ///< NCCL's among the GPUs of this process
  kSpeed = 6,        ///< copies and matrix products
};
/// A line for each thing that was looked at: "ok", "FAIL", or "-" where it was not looked at, then its name,
/// then what was found or why not, with tabs between them. What one check has broken breaks those after it.
std::string check_gpu(GpuCheck check, int32_t device_index);
/// What an Engine on a GPU says where this process has the CPU's libtorch: whoever chose it knows why.
void set_cpu_libtorch_explanation(const std::string& why);

}  // namespace dmt
