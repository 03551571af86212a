#include "cuda/emulated/shadow.h"

#include <cstdio>
#include <map>
#include <memory>
#include <vector>

#include "cuda/emulated/interface.h"
#include "cuda/emulated/state.h"

// The linker's names for the library's own memory.
extern "C" __attribute__((visibility("hidden"))) const char __ehdr_start;
extern "C" __attribute__((visibility("hidden"))) const char _end;

namespace dmt::emulated {
namespace {

constexpr uint32_t kSeveralBlocks = 0xFFFFFFFF;
constexpr int32_t kSeveralThreads = -1;

/// Who touched a byte last. A record is of the launch, or for shared memory of the block, whose number it
/// bears; those of others count as none.
struct Record {
  uint32_t scope = 0, block = 0, epoch = 0;
  int32_t thread = 0;
};
struct Shadow {
  Record written, read;
};

struct Array {
  const char* begin;
  size_t bytes;
  std::vector<Shadow> shadows;
};

/// What this thread of the host has named.
thread_local std::map<const char*, Array> arrays;
thread_local Array* last_used = nullptr;
thread_local Array block_memory = {};

/// Whether another thread did something that no barrier separates from this one.
bool conflicts(const Record& before, uint32_t scope) {
  if (before.scope != scope) return false;
  return before.block != running.block || (before.epoch == running.epoch && before.thread != running.thread);
}

std::string text_of(const Record& before, const char* did) {
  if (before.block == kSeveralBlocks) return std::string("that other blocks ") + did;
  if (before.block != running.block)
    return "that block " + std::to_string(before.block) + " of the same launch " + did;
  return "that " + (before.thread == kSeveralThreads ? "other threads" : thread_name(before.thread)) + " " +
         did + ", with no barrier in between";
}

Record own_record(uint32_t scope) {
  return {scope, running.block, running.epoch, running.thread};
}

void remember_read(Record& read, uint32_t scope) {
  if (read.scope != scope || (read.block == running.block && read.epoch != running.epoch)) {
    read = own_record(scope);
  } else if (read.block != running.block) {
    read.block = kSeveralBlocks;
  } else if (read.thread != running.thread) {
    read.thread = kSeveralThreads;
  }
}

std::string text_of(const void* address, size_t bytes, Access access) {
  char text[64];
  std::snprintf(text, sizeof(text), "%s %zu bytes at %p", access == Access::kRead ? "reads" : "writes", bytes,
                address);
  return text;
}

std::string place_in(const Array& array, const char* address) {
  const std::string at = ", byte " + std::to_string(address - array.begin) + " of ";
  if (&array == &block_memory) return at + "shared memory";
  return at + "an array of " + std::to_string(array.bytes);
}

void check_bytes(Array& array, const char* address, size_t bytes, Access access) {
  const bool is_shared = &array == &block_memory;
  const uint32_t scope = is_shared ? running.block_serial : running.launch;
  std::string fault;
  for (size_t i = 0; i < bytes; ++i) {
    Shadow& byte = array.shadows[static_cast<size_t>(address - array.begin) + i];
    const bool reads = access == Access::kRead;
    if (conflicts(byte.written, scope)) {
      fault = text_of(byte.written, "wrote");
    } else if (!reads && conflicts(byte.read, scope)) {
      fault = text_of(byte.read, "read");
    } else if (reads && is_shared && byte.written.scope != scope) {
      fault = "that no thread of the block has written";
    }
    if (reads) {
      remember_read(byte.read, scope);
    } else {
      byte.written = own_record(scope);
    }
  }
  if (!fault.empty()) report(text_of(address, bytes, access) + place_in(array, address) + ", " + fault);
}

/// The array that the first byte is in, or null.
Array* array_of(const char* address) {
  const auto holds = [&](const Array* array) {
    return array != nullptr && address >= array->begin && address < array->begin + array->bytes;
  };
  if (holds(last_used)) return last_used;
  auto next = arrays.upper_bound(address);
  if (next == arrays.begin()) return nullptr;
  Array* found = &std::prev(next)->second;
  if (!holds(found)) return nullptr;
  return last_used = found;
}

std::string nearest_array(const char* address) {
  const Array* nearest = nullptr;
  size_t least = ~size_t{0};
  for (const auto& [begin, array] : arrays) {
    const size_t distance = address < begin ? static_cast<size_t>(begin - address)
                                            : static_cast<size_t>(address - begin) - array.bytes;
    if (distance < least) {
      least = distance;
      nearest = &array;
    }
  }
  if (nearest == nullptr) return "";
  return "; the nearest has " + std::to_string(nearest->bytes) + " bytes, and this is byte " +
         std::to_string(address - nearest->begin) + " of it";
}

bool within(const char* address, const void* begin, const void* end) {
  return address >= static_cast<const char*>(begin) && address < static_cast<const char*>(end);
}

}  // namespace

void check_access(const void* where, AccessSize size, Access access) {
  if (!running.in_kernel) return;
  const auto* address = static_cast<const char*>(where);
  if (within(address, running.stacks, running.stacks_end)) return;
  if (within(address, &place, &place + 1)) return;
  if (reinterpret_cast<uintptr_t>(address) % size.alignment != 0)
    report(text_of(address, size.bytes, access) + ", which is no multiple of " +
           std::to_string(size.alignment));
  if (within(address, running.shared, running.shared + running.shared_bytes)) {
    block_memory.begin = running.shared;
    block_memory.bytes = running.shared_bytes;
    if (block_memory.shadows.size() < block_memory.bytes) block_memory.shadows.resize(block_memory.bytes);
    check_bytes(block_memory, address, size.bytes, access);
    return;
  }
  Array* array = array_of(address);
  if (array != nullptr && address + size.bytes <= array->begin + array->bytes) {
    check_bytes(*array, address, size.bytes, access);
    return;
  }
  if (access == Access::kRead && within(address, &__ehdr_start, &_end)) return;
  report(text_of(address, size.bytes, access) + ", outside of all arrays" + nearest_array(address));
}

}  // namespace dmt::emulated

void dmt_emulated_watch(const void* begin, int64_t bytes) {
  using namespace dmt::emulated;
  const auto* at = static_cast<const char*>(begin);
  const auto size = static_cast<size_t>(bytes);
  if (size > 0) arrays[at] = {at, size, std::vector<Shadow>(size)};
}

void dmt_emulated_unwatch(const void* begin) {
  using namespace dmt::emulated;
  last_used = nullptr;
  arrays.erase(static_cast<const char*>(begin));
}
