/// For tests: safetensors files put together by hand, right or wrong, and a disk that is full.
#pragma once

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstring>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "base/check.h"

namespace dmt {

/// Eight bytes of length, the header, the data.
inline std::string safetensors_bytes(const std::string& header, const std::string& data) {
  const uint64_t length = header.size();
  std::string bytes(sizeof(length), '\0');
  std::memcpy(bytes.data(), &length, sizeof(length));
  return bytes + header + data;
}

template <typename T>
std::string raw_bytes(const std::vector<T>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

/// A header entry such as "a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}.
inline std::string entry(const std::string& name, const std::string& dtype, const std::string& shape,
                         int64_t begin, int64_t end) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":[" +
         std::to_string(begin) + "," + std::to_string(end) + "]}";
}

/// The names as F32 tensors of shape [2], with values 0, 1, 2, ...
inline std::string small_file(const std::vector<std::string>& names) {
  std::string header = "{";
  for (size_t i = 0; i < names.size(); ++i) {
    const auto begin = static_cast<int64_t>(8 * i);
    header += (i > 0 ? "," : "") + entry(names[i], "F32", "[2]", begin, begin + 8);
  }
  std::vector<float> values(2 * names.size());
  std::iota(values.begin(), values.end(), 0.0f);
  return safetensors_bytes(header + "}", raw_bytes(values));
}

/// A full disk in a form that needs no rights: the process may not write files beyond a size. In a child,
/// since the limit holds for the whole process.
inline std::string error_with_file_size_limit(rlim_t bytes, const std::function<void()>& action) {
  int channel[2];
  DMT_CHECK(pipe(channel) == 0, "pipe() failed");
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, bytes};
    setrlimit(RLIMIT_FSIZE, &limit);
    std::string message = "no error";
    try {
      action();
    } catch (const EngineError& error) {
      message = error.what();
    }
    const ssize_t written = write(channel[1], message.data(), message.size());
    _exit(written < 0 ? 1 : 0);
  }
  close(channel[1]);
  std::string message(4096, '\0');
  const ssize_t count = read(channel[0], message.data(), message.size());
  close(channel[0]);
  waitpid(child, nullptr, 0);
  message.resize(count > 0 ? static_cast<size_t>(count) : 0);
  return message;
}

}  // namespace dmt
