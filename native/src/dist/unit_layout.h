#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dmt {

/// Where one tensor of the model lies in its unit's flat buffer.
struct ParameterSpec {
  std::string name;  ///< Hugging Face name
  std::vector<int64_t> shape;
  int64_t offset = 0;  ///< elements from the start of the unit
  int64_t elements() const;
};

/// The parameters of a unit, end to end.
struct UnitLayout {
  /// @param unit_name for messages
  explicit UnitLayout(std::string unit_name);

  std::string name;
  std::vector<ParameterSpec> parameters;
  int64_t elements = 0;
  /// Behind the parameters: zeros that products see, and that nobody trains or saves.
  int64_t tail = 0;
  /// Appends a parameter behind the others.
  void add(std::string parameter_name, std::vector<int64_t> shape);
};

}  // namespace dmt
