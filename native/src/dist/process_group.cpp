#include "dist/process_group.h"

#include <string_view>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <vector>

#include "base/check.h"

namespace dmt {
namespace {

using PendingWork = c10::intrusive_ptr<c10d::Work>;

at::Tensor as_bytes(const at::Tensor& tensor) {
  return tensor.view(at::kByte);
}

/// Whether other ranks did not come in time. Where several transfers wait, Gloo says it of one of them,
/// and of the others that an "application timeout" closed their pair.
bool is_timeout(std::string_view reason) {
  return reason.find("imed out") != reason.npos || reason.find("imeout") != reason.npos;
}

/// Gloo's reason without its source file before, and its advice behind.
std::string_view in_words(std::string_view reason) {
  constexpr std::string_view kPlace = ".cc:", kAdvice = " This is typically caused by";
  const size_t place = reason.find("] ");
  if (reason.starts_with('[') && place != reason.npos &&
      reason.substr(0, place).find(kPlace) != reason.npos) {
    reason.remove_prefix(place + 2);
  }
  return reason.substr(0, reason.find(kAdvice));
}

[[noreturn]] void fail_collective(const c10d::Backend& backend, const char* collective,
                                  const std::string& what, const char* reason) {
  fail("rank ", backend.getRank(), " of ", backend.getSize(), ": ", collective, " of ", what,
       is_timeout(reason) ? " timed out: " : " failed: ", std::string(in_words(reason)));
}

/// Starts or awaits a collective; its failure becomes one sentence that says who was doing what.
template <typename F>
auto attempt(const c10d::Backend& backend, const char* collective, const std::string& what, const F& f) {
  try {
    return f();
  } catch (const c10::Error& error) {
    fail_collective(backend, collective, what, error.what_without_backtrace());
  } catch (const EngineError&) {
    throw;
  } catch (const std::exception& error) {
    fail_collective(backend, collective, what, error.what());
  }
}

}  // namespace

ProcessGroup::ProcessGroup(c10::intrusive_ptr<c10d::Backend> backend, Ops& ops, ReduceCollective reduce)
    : backend_(std::move(backend)), ops_(ops), reduce_(reduce) {}
ProcessGroup::~ProcessGroup() = default;
ProcessGroup::ProcessGroup(ProcessGroup&&) noexcept = default;

ProcessGroup ProcessGroup::at_address(int64_t address, Ops& ops, ReduceCollective reduce) {
  DMT_CHECK(address != 0, "the address of a process group is null");
  return ProcessGroup(
      c10::intrusive_ptr<c10d::Backend>::reclaim_copy(reinterpret_cast<c10d::Backend*>(address)), ops,
      reduce);
}

int ProcessGroup::rank() const {
  return backend_->getRank();
}

int ProcessGroup::world_size() const {
  return backend_->getSize();
}

Transfer ProcessGroup::all_gather(at::Tensor whole, at::Tensor shard, const std::string& what) {
  DMT_CHECK(whole.numel() == shard.numel() * world_size(), "all_gather of ", what, ": ", shard.numel(),
            " elements from each of ", world_size(), " ranks do not fill ", whole.numel());
  if (whole.numel() == 0) return {};
  at::Tensor out = as_bytes(whole), in = as_bytes(shard);
  const PendingWork work =
      attempt(*backend_, "all_gather", what, [&] { return backend_->_allgather_base(out, in); });
  return Transfer([backend = backend_, work, out, in, what] {
    const TimedWork timed(Work::kCommunication);
    attempt(*backend, "all_gather", what, [&] { return work->wait(); });
  });
}

Transfer ProcessGroup::reduce_scatter(at::Tensor sum, at::Tensor whole, at::Tensor scratch, SumInto into,
                                      const std::string& what) {
  DMT_CHECK(whole.numel() == sum.numel() * world_size(), "reduce_scatter of ", what, ": ", whole.numel(),
            " elements are not ", sum.numel(), " for each of ", world_size(), " ranks");
  if (whole.numel() == 0) return {};
  const bool adds = reduce_ == ReduceCollective::kReduceScatter;
  at::Tensor arrived = scratch.narrow(0, 0, adds ? sum.numel() : whole.numel());
  const PendingWork work = attempt(*backend_, "reduce_scatter", what, [&] {
    if (adds) return backend_->_reduce_scatter_base(arrived, whole);
    at::Tensor out = as_bytes(arrived), in = as_bytes(whole);
    std::vector<int64_t> equal_parts;
    return backend_->alltoall_base(out, in, equal_parts, equal_parts);
  });
  return Transfer(
      ops_.beside([backend = backend_, &ops = ops_, work, sum, whole, arrived, into, what]() mutable {
        {
          const TimedWork timed(Work::kCommunication);
          attempt(*backend, "reduce_scatter", what, [&] { return work->wait(); });
        }
        if (into == SumInto::kReplace) sum.zero_();
        ops.add_parts(sum, arrived);
      }));
}

void ProcessGroup::all_reduce(double* values, int64_t count, const std::string& what) {
  const at::Tensor own = at::from_blob(values, {count}, at::kDouble).clone().to(ops_.device());
  const at::Tensor all = at::empty({world_size() * count}, own.options());
  all_gather(all, own, what).wait();
  const at::Tensor host = all.cpu();
  const auto* parts = host.const_data_ptr<double>();
  for (int64_t i = 0; i < count; ++i) {
    double sum = 0.0;
    for (int64_t r = 0; r < world_size(); ++r) sum += parts[r * count + i];
    values[i] = sum;
  }
}

}  // namespace dmt
