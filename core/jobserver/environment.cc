#include "core/jobserver/environment.h"

#include <cstring>
#include <new>

#include "core/sys/calls.h"

namespace sched {
namespace {

constexpr char kName[] = "MAKEFLAGS=";

bool begins_with(const char* entry, const char* name) {
  return std::strncmp(entry, name, std::strlen(name)) == 0;
}

// Those that name a jobserver; cargo looks at its own one first.
bool is_replaced(const char* entry) {
  return begins_with(entry, kName) || begins_with(entry, "MFLAGS=") ||
         begins_with(entry, "CARGO_MAKEFLAGS=");
}

}  // namespace

char** make_environment(const std::string& makeflags, const char* const* base) {
  constexpr char* kNothing[] = {nullptr};
  if (base == nullptr) base = environ;
  if (base == nullptr) base = kNothing;  // clearenv() leaves none
  const bool replace = !makeflags.empty();
  std::size_t entries = 0;
  std::size_t bytes = sizeof kName + makeflags.size();
  for (const char* const* entry = base; *entry != nullptr; ++entry) {
    if (replace && is_replaced(*entry)) continue;
    ++entries;
    bytes += std::strlen(*entry) + 1;
  }
  const std::size_t pointers = (entries + 2) * sizeof(char*);
  void* const block = ::operator new(pointers + bytes);
  char** const made = static_cast<char**>(block);
  char* text = static_cast<char*>(block) + pointers;
  char** next = made;
  const auto add = [&](const char* entry, std::size_t size) {
    *next++ = text;
    std::memcpy(text, entry, size);
    text += size;
  };
  for (const char* const* entry = base; *entry != nullptr; ++entry) {
    if (!replace || !is_replaced(*entry)) add(*entry, std::strlen(*entry) + 1);
  }
  if (replace) {
    *next++ = text;
    std::memcpy(text, kName, sizeof kName - 1);
    std::memcpy(text + sizeof kName - 1, makeflags.c_str(), makeflags.size() + 1);
  }
  *next = nullptr;
  return made;
}

void free_environment(char** environment) { ::operator delete(environment); }

}  // namespace sched
