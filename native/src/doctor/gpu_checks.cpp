#include "doctor/gpu_checks.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>

#include "base/check.h"
#include "base/shared_library.h"
#include "cuda/gpu_facts.h"
#include "cuda/gpu_libraries.h"
#include "cuda/kernels.h"
#include "cuda/library_versions.h"
#include "doctor/nccl_trial.h"
#include "engine_impl.h"
#include "ops/attention_trial.h"
#include "ops/gpu_ops.h"

namespace dmt {
namespace {

using Verdict = CheckLine::Verdict;

CheckLine ok(const std::string& subject, const std::string& found) {
  return {Verdict::kOk, subject, found};
}
CheckLine fault(const std::string& subject, const std::string& found) {
  return {Verdict::kFault, subject, found};
}
CheckLine told(const std::string& subject, const std::string& found) {
  return {Verdict::kTold, subject, found};
}

/// Three significant figures.
std::string figure(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.3g", value);
  return text;
}

/// Seconds of a piece of work, the median of some repetitions behind one that does not count.
double seconds_of(Ops& ops, const std::function<void()>& work) {
  using Clock = std::chrono::steady_clock;
  constexpr int kRepeats = 9, kAtOnce = 4;
  std::vector<double> times;
  for (int i = -1; i < kRepeats; ++i) {
    ops.synchronize();
    const Clock::time_point begin = Clock::now();
    for (int j = 0; j < kAtOnce; ++j) work();
    ops.synchronize();
    if (i >= 0) times.push_back(std::chrono::duration<double>(Clock::now() - begin).count() / kAtOnce);
  }
  std::ranges::nth_element(times, times.begin() + kRepeats / 2);
  return times[kRepeats / 2];
}

// --- what needs no GPU ---

CheckLines check_driver(int32_t index) {
  const cuda::GpuFacts facts = cuda::find_gpu();
  const std::string missing = cuda::driver_fault(facts, index);
  if (!missing.empty()) return {fault("GPU driver", missing)};
  return {ok("GPU driver", cuda::describe_devices(facts))};
}

CheckLines check_libraries() {
  const std::filesystem::path folder = folder_of_library(reinterpret_cast<const void*>(&at::globalContext));
  const std::filesystem::path library = folder / "libtorch_cuda.so";
  CheckLines lines;
  if (!std::filesystem::exists(library)) {
    lines.push_back(fault("libtorch for GPUs", cuda::load_gpu_libraries(folder).fault));
  } else {
    const auto missing = cuda::load_what_is_there({library, {}, {}});
    for (const auto& one : missing) lines.push_back(fault(one.name, concat("missing: ", one.remedy)));
    if (missing.empty()) {
      const std::string refused = cuda::load_gpu_libraries(folder).fault;
      lines.push_back(refused.empty() ? ok("libtorch for GPUs", library.string())
                                      : fault("libtorch for GPUs", refused));
    }
  }
  const std::string old = cuda::loaded_cudnn() == 0 ? "" : cuda::cudnn_fault(cuda::loaded_cudnn());
  for (const cuda::LoadedLibrary& one : cuda::loaded_libraries()) {
    if (!old.empty() && one.name.starts_with("libcudnn."))
      lines.push_back(fault(one.name, old));
    else
      lines.push_back(ok(one.name, concat(one.version, one.version.empty() ? "" : ", ", one.file)));
  }
  return lines;
}

CheckLines check_kernels(int32_t index) {
  const cuda::GpuFacts facts = cuda::find_gpu();
  const std::string missing = cuda::kernels_fault(facts, index);
  if (!missing.empty()) return {fault("GPU kernels", missing)};
  return {ok("GPU kernels", concat("for ", facts.architectures, ", ", cuda::kernels_file().string()))};
}

// --- what needs one ---

const char* name_of(GpuCheck check) {
  switch (check) {
    case GpuCheck::kLaunch:
      return "kernel launch";
    case GpuCheck::kAttention:
      return "attention";
    case GpuCheck::kCollectives:
      return "NCCL";
    case GpuCheck::kSpeed:
      return "speed";
    default:
      return "GPU";
  }
}

CheckLines check_on(GpuCheck check, Ops& ops, int32_t index) {
  const cuda::GpuFacts facts = cuda::find_gpu();
  const ComputeScope scope(ops, 1);
  const auto at = static_cast<size_t>(index);
  const int32_t capability =
      at < facts.devices.size() ? facts.devices[at].major * 10 + facts.devices[at].minor : 0;
  switch (check) {
    case GpuCheck::kLaunch:
      return check_launch(ops);
    case GpuCheck::kAttention:
      return check_attention(ops, capability);
    case GpuCheck::kCollectives:
      return check_collectives(static_cast<int32_t>(facts.devices.size()));
    default:
      return check_speed(ops, {});
  }
}

CheckLines check_running(GpuCheck check, int32_t index) {
  std::unique_ptr<Ops> ops;
  std::string refused;
  try {
    ops = open_gpu(index);
  } catch (const c10::Error& e) {
    refused = e.what_without_backtrace();
  } catch (const EngineError& e) {
    refused = e.what();
  }
  if (ops != nullptr) return check_on(check, *ops, index);
  // So begins what is missing, which the checks before these have named.
  if (refused.starts_with("device cuda: "))
    return {told(name_of(check), "not run: what is missing is said above")};
  if (check == GpuCheck::kLaunch) return {fault(name_of(check), refused)};
  return {told(name_of(check), "not run: no kernel can be launched")};
}

CheckLines lines_of(GpuCheck check, int32_t index) {
  try {
    switch (check) {
      case GpuCheck::kDriver:
        return check_driver(index);
      case GpuCheck::kLibraries:
        return check_libraries();
      case GpuCheck::kKernels:
        return check_kernels(index);
      default:
        return check_running(check, index);
    }
  } catch (const c10::Error& e) {
    return {fault(name_of(check), e.what_without_backtrace())};
  } catch (const std::exception& e) {
    return {fault(name_of(check), e.what())};
  }
}

CheckLine check_kind(AttentionKind kind, const std::string& subject, at::Device device) {
  AttentionDifference largest;
  for (const int64_t kv_heads : {8, 2}) {
    for (const int32_t length : {64, 100, 512, 2048}) {
      const AttentionRows rows(device, at::kBFloat16, {8, kv_heads, 128, {length, length}});
      const AttentionDifference found =
          difference(compute_attention(kind, rows), compute_attention(AttentionKind::kPlain, rows));
      // Written this way round so that NaN is the largest.
      if (!(found.out <= largest.out)) largest.out = found.out;
      if (!(found.dqkv <= largest.dqkv)) largest.dqkv = found.dqkv;
    }
  }
  const bool holds = largest.out <= kAttentionTolerance.out && largest.dqkv <= kAttentionTolerance.dqkv;
  return {holds ? Verdict::kOk : Verdict::kFault, subject,
          concat("head size 128, 64 to 2048 tokens: differs from plain attention by ", figure(largest.out),
                 " forward, ", figure(largest.dqkv), " backward; may be ", kAttentionTolerance.out, " and ",
                 kAttentionTolerance.dqkv)};
}

}  // namespace

std::string text_of(const CheckLine& line) {
  constexpr const char* kWords[] = {"ok", "FAIL", "-"};
  std::string found = line.found;
  std::ranges::replace_if(
      found, [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return concat(kWords[static_cast<int>(line.verdict)], "\t", line.subject, "\t", found);
}

CheckLines check_launch(Ops& ops) {
  constexpr int64_t kCount = 100'003;  // no multiple of what a thread or a block does
  const at::Tensor x = at::arange(kCount, at::kFloat).mul_(0.37f).sub_(1000.0f);
  const at::Tensor given = x.to(ops.device()),
                   out = at::empty({kCount}, given.options().dtype(at::kBFloat16));
  const double seconds = seconds_of(ops, [&] { ops.cast(out, given); });
  const int64_t wrong = out.to(at::kCPU).ne(x.to(at::kBFloat16)).sum().item<int64_t>();
  if (wrong != 0)
    return {fault("kernel launch", concat(wrong, " of ", kCount, " values differ from the CPU's"))};
  return {ok("kernel launch",
             concat(kCount, " values converted as on the CPU, ", figure(seconds * 1e6), " us each time"))};
}

CheckLines check_attention(Ops& ops, int32_t capability) {
  CheckLines lines;
  const std::pair<AttentionKind, const char*> kinds[] = {{AttentionKind::kFlash, "flash attention"},
                                                         {AttentionKind::kCudnn, "cuDNN attention"}};
  for (const auto& [kind, subject] : kinds) {
    const int32_t needed = attention_capability(kind);
    if (capability < needed) {
      lines.push_back(
          told(subject, concat("not run: used from compute capability ", needed / 10, ".", needed % 10,
                               " on, this is ", capability / 10, ".", capability % 10)));
      continue;
    }
    try {
      lines.push_back(check_kind(kind, subject, ops.device()));
    } catch (const c10::Error& e) {
      lines.push_back(fault(subject, e.what_without_backtrace()));
    }
  }
  return lines;
}

CheckLines check_speed(Ops& ops, const SpeedSizes& sizes) {
  const at::TensorOptions bytes = at::TensorOptions().dtype(at::kByte);
  const at::Tensor from = at::ones({sizes.copied}, bytes.device(ops.device())), to = at::empty_like(from);
  const double copy = seconds_of(ops, [&] { to.copy_(from); });
  const at::Tensor host = at::ones({sizes.copied}, bytes.pinned_memory(ops.device().is_cuda()));
  const double upload = seconds_of(ops, [&] { to.copy_(host, /*non_blocking=*/true); });
  const at::TensorOptions matrix = at::TensorOptions().dtype(at::kBFloat16).device(ops.device());
  const at::Tensor a = at::full({sizes.side, sizes.side}, 0.5, matrix), b = at::full_like(a, 0.25),
                   product = at::empty_like(a);
  const double multiply = seconds_of(ops, [&] { ops.linear(product, a, b); });
  const auto moved = static_cast<double>(sizes.copied), side = static_cast<double>(sizes.side);
  return {told("copy on the GPU", concat(figure(2 * moved / copy * 1e-9), " GB/s read and written")),
          told("copy to the GPU", concat(figure(moved / upload * 1e-9), " GB/s")),
          told("matrix product", concat(figure(2 * side * side * side / multiply * 1e-12), " TFLOP/s, ",
                                        sizes.side, " x ", sizes.side, " in bfloat16"))};
}

std::string check_gpu(GpuCheck check, int32_t device_index) {
  std::string text;
  for (const CheckLine& line : lines_of(check, device_index))
    text += (text.empty() ? "" : "\n") + text_of(line);
  return text;
}

}  // namespace dmt
