#include "cuda/emulated/fiber.h"

#include <sys/mman.h>

#include <cstdlib>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if !defined(__x86_64__)
#error "the emulated device switches stacks with instructions of x86-64"
#endif

namespace dmt::emulated {
namespace {

constexpr size_t kStack = 256 * 1024, kPage = 4096;

extern "C" void dmt_emulated_switch(void** stack_pointer, void* to);
// Keeps the registers that a function must keep, and goes on where `to` was left. Not with a return, which
// the processor expects to go to the caller.
asm(R"(
  .text
  .type dmt_emulated_switch, @function
  dmt_emulated_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    popq %rdx
    jmp *%rdx
  .size dmt_emulated_switch, .-dmt_emulated_switch
)");

}  // namespace

Fibers::Fibers(size_t most, void (*entry)())
    : bytes_(most * kStack),
      stacks_(static_cast<char*>(
          mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0))),
      entry_(entry) {
  if (stacks_ == MAP_FAILED) std::abort();
}

Fibers::~Fibers() {
  munmap(stacks_, bytes_);
}

Fiber& Fibers::take() {
  if (!idle_.empty()) {
    Fiber& fiber = *idle_.back();
    idle_.pop_back();
    return fiber;
  }
  auto fiber = std::make_unique<Fiber>();
  fiber->stack = stacks_ + fibers_.size() * kStack;
  // Tops that are all a multiple of the same number apart would fall into a few sets of the cache.
  fiber->size = kStack - fibers_.size() * 17 % 256 * 64;
  mprotect(fiber->stack, kPage, PROT_NONE);  // what a stack that is too small runs into
  prepare(*fiber);
  fibers_.push_back(std::move(fiber));
  return *fibers_.back();
}

/// Lets the fiber begin at its entry.
void Fibers::prepare(Fiber& fiber) const {
#if defined(__SANITIZE_ADDRESS__)
  __asan_unpoison_memory_region(fiber.stack + kPage, fiber.size - kPage);
#endif
  void** top = reinterpret_cast<void**>(fiber.stack + fiber.size);
  *--top = nullptr;  // nobody is returned to
  *--top = reinterpret_cast<void*>(entry_);
  for (int saved_register = 0; saved_register < 6; ++saved_register) *--top = nullptr;
  fiber.stack_pointer = top;
}

void Fibers::go_to(Fiber& to) {
  Fiber& from = *on_;
  on_ = &to;
#if defined(__SANITIZE_ADDRESS__)
  void* frames = nullptr;
  __sanitizer_start_switch_fiber(&frames, to.stack, to.size);
#endif
  dmt_emulated_switch(&from.stack_pointer, to.stack_pointer);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(frames, nullptr, nullptr);
#endif
}

void Fibers::entered() {
#if defined(__SANITIZE_ADDRESS__)
  const void* from = nullptr;
  size_t size = 0;
  __sanitizer_finish_switch_fiber(nullptr, &from, &size);
  if (host_.stack == nullptr) {  // the first fiber is entered from the host
    host_.stack = const_cast<char*>(static_cast<const char*>(from));
    host_.size = size;
  }
#endif
}

void Fibers::restart() {
  idle_.clear();
  for (const auto& fiber : fibers_) {
    prepare(*fiber);
    idle_.push_back(fiber.get());
  }
}

}  // namespace dmt::emulated
