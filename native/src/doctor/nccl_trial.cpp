#include "doctor/nccl_trial.h"

#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/check.h"
#include "cuda/kernels.h"

namespace dmt {
namespace {

constexpr int kFloat = 7, kSum = 0;  // ncclFloat32, ncclSum
constexpr int kRepeats = 5;
constexpr int32_t kMostGpus = 8;

template <typename Function>
bool find(const char* name, Function*& function) {
  function = reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
  return function != nullptr;
}

void check(const Nccl& nccl, int result, const char* call) {
  DMT_CHECK(result == 0, call, ": ", nccl.error_text(result), " (", result, ")");
}

/// Communicators of all ranks, in this process.
class Ranks {
 public:
  Ranks(const Nccl& nccl, const NcclTrial& trial) : nccl_(nccl), trial_(trial), comms_(trial.devices.size()) {
    std::vector<int> numbers;
    for (const at::Device device : trial.devices) numbers.push_back(device.has_index() ? device.index() : 0);
    check(nccl_, nccl_.init_all(comms_.data(), static_cast<int>(comms_.size()), numbers.data()),
          "ncclCommInitAll");
  }
  ~Ranks() {
    for (Nccl::Comm comm : comms_) nccl_.destroy(comm);
  }
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  int64_t count() const { return static_cast<int64_t>(comms_.size()); }

  /// Every rank makes its call; returns when all are done.
  void together(const std::function<int(size_t rank, Nccl::Comm comm)>& call) const {
    check(nccl_, nccl_.group_start(), "ncclGroupStart");
    for (size_t rank = 0; rank < comms_.size(); ++rank) check(nccl_, call(rank, comms_[rank]), "call");
    check(nccl_, nccl_.group_end(), "ncclGroupEnd");
    for (size_t rank = 0; rank < comms_.size(); ++rank) {
      if (trial_.wait) trial_.wait(static_cast<int32_t>(rank));
    }
  }

 private:
  const Nccl& nccl_;
  const NcclTrial& trial_;
  std::vector<Nccl::Comm> comms_;
};

/// Whole numbers, so that sums are exact in any order.
at::Tensor pattern(int64_t part, int64_t seed) {
  return at::arange(part, at::kFloat).remainder_(97).add_(static_cast<double>(seed));
}

/// What ranks send, and what they must receive; all [rank], on the host.
struct Exchange {
  std::vector<at::Tensor> sent, expected;
};

Exchange gathered(int64_t ranks, int64_t part) {
  Exchange all;
  for (int64_t r = 0; r < ranks; ++r) all.sent.push_back(pattern(part, 100 * r));
  all.expected.assign(static_cast<size_t>(ranks), at::cat(all.sent));
  return all;
}

/// Rank r has pattern 100 r + p for rank p.
Exchange each_for_each(int64_t ranks, int64_t part) {
  Exchange all;
  for (int64_t r = 0; r < ranks; ++r) {
    std::vector<at::Tensor> sent, received;
    for (int64_t p = 0; p < ranks; ++p) {
      sent.push_back(pattern(part, 100 * r + p));
      received.push_back(pattern(part, 100 * p + r));
    }
    all.sent.push_back(at::cat(sent));
    all.expected.push_back(at::cat(received));
  }
  return all;
}

Exchange reduced(int64_t ranks, int64_t part) {
  Exchange all = each_for_each(ranks, part);
  for (at::Tensor& received : all.expected) received = received.view({ranks, part}).sum(0);
  return all;
}

using TrialCollective = std::function<int(const at::Tensor& in, const at::Tensor& out, Nccl::Comm comm)>;

CheckLine try_one(const Ranks& ranks, const NcclTrial& trial, const std::string& name,
                  const Exchange& exchange, const TrialCollective& collective) {
  using Clock = std::chrono::steady_clock;
  std::vector<at::Tensor> in, out;
  for (size_t r = 0; r < trial.devices.size(); ++r) {
    in.push_back(exchange.sent[r].to(trial.devices[r]));
    out.push_back(at::full_like(exchange.expected[r], NAN).to(trial.devices[r]));
  }
  const auto all = [&] {
    ranks.together([&](size_t rank, Nccl::Comm comm) { return collective(in[rank], out[rank], comm); });
  };
  all();
  for (size_t r = 0; r < out.size(); ++r) {
    const int64_t wrong = out[r].to(at::kCPU).ne(exchange.expected[r]).sum().item<int64_t>();
    if (wrong != 0)
      return {
          CheckLine::Verdict::kFault, name,
          concat("GPU ", r, " of ", out.size(), " received ", wrong, " wrong values of ", out[r].numel())};
  }
  const Clock::time_point begin = Clock::now();
  for (int i = 0; i < kRepeats; ++i) all();
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count() / kRepeats;
  const double received = static_cast<double>((ranks.count() - 1) * trial.part) * sizeof(float);
  return {CheckLine::Verdict::kOk, name,
          concat(ranks.count(), " GPUs, ", trial.part * static_cast<int64_t>(sizeof(float)) >> 20,
                 " MiB from each to each: ", received / seconds * 1e-9, " GB/s")};
}

}  // namespace

std::optional<Nccl> Nccl::loaded() {
  Nccl nccl;
  const bool all = find("ncclCommInitAll", nccl.init_all) && find("ncclCommDestroy", nccl.destroy) &&
                   find("ncclGroupStart", nccl.group_start) && find("ncclGroupEnd", nccl.group_end) &&
                   find("ncclAllGather", nccl.all_gather) && find("ncclReduceScatter", nccl.reduce_scatter) &&
                   find("ncclSend", nccl.send) && find("ncclRecv", nccl.recv) &&
                   find("ncclGetErrorString", nccl.error_text);
  return all ? std::optional<Nccl>(nccl) : std::nullopt;
}

CheckLines try_collectives(const Nccl& nccl, const NcclTrial& trial) {
  const Ranks ranks(nccl, trial);
  const int64_t count = ranks.count(), part = trial.part;
  const auto n = static_cast<size_t>(part);
  return {
      try_one(ranks, trial, "NCCL all-gather", gathered(count, part),
              [&](const at::Tensor& in, const at::Tensor& out, Nccl::Comm comm) {
                return nccl.all_gather(in.const_data_ptr(), out.mutable_data_ptr(), n, kFloat, comm, nullptr);
              }),
      try_one(ranks, trial, "NCCL reduce-scatter", reduced(count, part),
              [&](const at::Tensor& in, const at::Tensor& out, Nccl::Comm comm) {
                return nccl.reduce_scatter(in.const_data_ptr(), out.mutable_data_ptr(), n, kFloat, kSum, comm,
                                           nullptr);
              }),
      try_one(ranks, trial, "NCCL all-to-all", each_for_each(count, part),
              [&](const at::Tensor& in, const at::Tensor& out, Nccl::Comm comm) {
                for (int64_t p = 0; p < count; ++p) {
                  const int peer = static_cast<int>(p);
                  int result =
                      nccl.send(in.const_data_ptr<float>() + p * part, n, kFloat, peer, comm, nullptr);
                  if (result == 0)
                    result =
                        nccl.recv(out.mutable_data_ptr<float>() + p * part, n, kFloat, peer, comm, nullptr);
                  if (result != 0) return result;
                }
                return 0;
              })};
}

CheckLines check_collectives(int32_t gpus) {
  if (gpus < 2)
    return {
        {CheckLine::Verdict::kTold, "NCCL", concat("not run: it takes two GPUs, this process sees ", gpus)}};
  const std::optional<Nccl> nccl = Nccl::loaded();
  if (!nccl.has_value()) return {{CheckLine::Verdict::kFault, "NCCL", "it is not loaded"}};
  const cuda::Kernels& kernels = cuda::load_kernels();
  NcclTrial trial;
  for (int32_t i = 0; i < std::min(gpus, kMostGpus); ++i)
    trial.devices.emplace_back(at::kCUDA, static_cast<c10::DeviceIndex>(i));
  trial.wait = [&](int32_t device) {
    DMT_CHECK(kernels.set_device(device) == DMT_CUDA_OK && kernels.synchronize(nullptr) == DMT_CUDA_OK,
              "GPU ", device, ": ", kernels.last_error());
  };
  return try_collectives(*nccl, trial);
}

}  // namespace dmt
