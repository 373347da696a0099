#include "tests/model/engine/trace.h"

#include <cstdio>
#include <fstream>
#include <map>

namespace model {
namespace {

std::string value_text(std::uint64_t value) {
  char text[32];
  std::snprintf(text, sizeof text, value < 4096 ? "%llu" : "0x%llx",
                static_cast<unsigned long long>(value));
  return text;
}

// The text of source lines, read when first asked for.
class Sources {
 public:
  std::string line(const Where& where) {
    auto& lines = files_[where.file];
    if (lines.empty()) {
      std::ifstream file(where.file);
      for (std::string text; std::getline(file, text);) lines.push_back(text);
      lines.emplace_back();
    }
    const auto index = static_cast<std::size_t>(where.line) - 1;
    std::string text = index < lines.size() ? lines[index] : "";
    text.erase(0, text.find_first_not_of(" \t"));
    return text.substr(0, 72);
  }

 private:
  std::map<std::string, std::vector<std::string>> files_;
};

std::string base_name(const char* path) {
  const std::string text = path;
  return text.substr(text.rfind('/') + 1);
}

}  // namespace

const char* name_of(std::memory_order order) {
  switch (order) {
    case std::memory_order_relaxed:
      return "relaxed";
    case std::memory_order_consume:
      return "consume";
    case std::memory_order_acquire:
      return "acquire";
    case std::memory_order_release:
      return "release";
    case std::memory_order_acq_rel:
      return "acq_rel";
    default:
      return "seq_cst";
  }
}

std::string table(const std::vector<Event>& events) {
  Sources sources;
  std::string out =
      "  step thread operation   order    location         value            read from  source\n";
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Event& event = events[i];
    if (event.plain && (!events.back().plain || event.location != events.back().location)) continue;
    std::string value;
    std::string from;
    if (event.reads) {
      value = value_text(event.value_read);
      from = event.read_from != 0 ? "step " + std::to_string(event.read_from) : "initial";
      if (event.outdated) from += " OLD";
    }
    if (event.writes) value += (event.reads ? " -> " : "= ") + value_text(event.value_written);
    char line[512];
    std::snprintf(line, sizeof line, "  %4zu   T%d   %-11s %-8s %-16s %-16s %-10s ", i + 1,
                  event.thread, event.operation, event.atomic ? name_of(event.order) : "",
                  event.location.c_str(), value.c_str(), from.c_str());
    out += line;
    if (event.where.line != 0) {
      out += base_name(event.where.file) + ":" + std::to_string(event.where.line) + ": " +
             sources.line(event.where);
    }
    out += '\n';
  }
  return out;
}

}  // namespace model
