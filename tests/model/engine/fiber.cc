#include "tests/model/engine/fiber.h"

#include <cstdint>
#include <cstring>

#if defined(__x86_64__)

// Saves the registers that a call must keep on the stack, and takes those of the other stack from there.
extern "C" void model_switch_stack(void** save, void* load);
asm(R"(
.text
.globl model_switch_stack
.type model_switch_stack, @function
model_switch_stack:
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
  ret
.size model_switch_stack, .-model_switch_stack
)");

namespace model {

void Fiber::start(char* stack, std::size_t bytes, Entry entry) {
  // As if entry had been called from nowhere: the stack is one return address away from a multiple of 16.
  auto* top = reinterpret_cast<std::uint64_t*>(stack + bytes / 16 * 16);
  *--top = 0;
  *--top = reinterpret_cast<std::uint64_t>(entry);
  for (int i = 0; i < 6; ++i) *--top = 0;
  stack_pointer_ = top;
}

void Fiber::resume(Fiber& from) { model_switch_stack(&from.stack_pointer_, stack_pointer_); }

}  // namespace model

#else

namespace model {

void Fiber::start(char* stack, std::size_t bytes, Entry entry) {
  getcontext(&context_);
  context_.uc_stack.ss_sp = stack;
  context_.uc_stack.ss_size = bytes;
  context_.uc_link = nullptr;
  makecontext(&context_, entry, 0);
}

void Fiber::resume(Fiber& from) { swapcontext(&from.context_, &context_); }

}  // namespace model

#endif
