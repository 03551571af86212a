#include "base/machine_memory.h"

#include <charconv>
#include <cstdio>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string_view>
#include <vector>

#include "base/check.h"

namespace dmt {
namespace {

/// A version of control groups: where they are and what their files are called.
struct GroupFiles {
  const char* mount;
  const char* limit;
  const char* used;
  const char* prefix;  // of the numbers in memory.stat that count children, too
};
constexpr GroupFiles kVersion1 = {"sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
                                  "total_"};
constexpr GroupFiles kVersion2 = {"sys/fs/cgroup", "memory.max", "memory.current", ""};

std::optional<int64_t> number(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

/// The number that a file holds; none for "max", or where there is no such file.
std::optional<int64_t> number_in(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string word;
  if (!(in >> word)) return std::nullopt;
  return number(word);
}

/// The numbers behind names at the beginnings of lines: "MemAvailable:   123 kB", "inactive_file 123".
std::map<std::string, int64_t> table_in(const std::filesystem::path& file) {
  std::map<std::string, int64_t> table;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string name;
    int64_t value = 0;
    if (words >> name >> value) table[name] = value;
  }
  return table;
}

int64_t value_or_zero(const std::map<std::string, int64_t>& table, const std::string& name) {
  const auto found = table.find(name);
  return found == table.end() ? 0 : found->second;
}

/// What a group has left below its limit, if it has one.
FreeMemory left_in_group(const std::filesystem::path& folder, const std::string& name,
                         const GroupFiles& files) {
  const std::optional<int64_t> limit = number_in(folder / files.limit);
  const std::optional<int64_t> used = number_in(folder / files.used);
  if (!limit.has_value() || !used.has_value()) return {};
  const std::map<std::string, int64_t> stat = table_in(folder / "memory.stat");
  const std::string prefix = files.prefix;
  const int64_t cached =
      value_or_zero(stat, prefix + "inactive_file") + value_or_zero(stat, prefix + "active_file");
  const int64_t left = *limit - *used + cached;
  return {left > 0 ? left : 0, concat("the control group ", name, ", whose limit is ", gib(*limit), ",")};
}

void take_smaller(FreeMemory& least, FreeMemory other) {
  if (other.bytes >= 0 && (least.bytes < 0 || other.bytes < least.bytes)) least = std::move(other);
}

/// A group and those that it is in. In a container the path may be that of the host, of which only the part
/// at the mount exists.
void take_smallest_of_groups(FreeMemory& least, const std::filesystem::path& root, const std::string& path,
                             const GroupFiles& files) {
  const std::filesystem::path mount = root / files.mount;
  std::filesystem::path group = std::filesystem::path(path).relative_path();
  while (true) {
    take_smaller(least, left_in_group(mount / group, "/" + group.string(), files));
    if (group.empty()) return;
    group = group.parent_path();
  }
}

}  // namespace

std::string gib(int64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.2f GiB", static_cast<double>(bytes) / (1 << 30));
  return text;
}

FreeMemory machine_memory(const std::filesystem::path& root) {
  FreeMemory least;
  const std::map<std::string, int64_t> machine = table_in(root / "proc/meminfo");
  if (machine.count("MemAvailable:") > 0) {
    const int64_t kib = machine.at("MemAvailable:") + value_or_zero(machine, "SwapFree:");
    least = {kib * 1024,
             concat("this machine, whose memory is ", gib(value_or_zero(machine, "MemTotal:") * 1024), ",")};
  }
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {  // number:controllers:path
    const size_t first = line.find(':');
    const size_t second = first == line.npos ? line.npos : line.find(':', first + 1);
    if (second == line.npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string path = line.substr(second + 1);
    if (controllers == ",,") take_smallest_of_groups(least, root, path, kVersion2);
    if (controllers.find(",memory,") != controllers.npos)
      take_smallest_of_groups(least, root, path, kVersion1);
  }
  return least;
}

}  // namespace dmt
