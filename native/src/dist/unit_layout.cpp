#include "dist/unit_layout.h"

#include <utility>

namespace dmt {

int64_t ParameterSpec::elements() const {
  int64_t count = 1;
  for (const int64_t size : shape) count *= size;
  return count;
}

UnitLayout::UnitLayout(std::string unit_name) : name(std::move(unit_name)) {}

void UnitLayout::add(std::string parameter_name, std::vector<int64_t> shape) {
  parameters.push_back({std::move(parameter_name), std::move(shape), elements});
  elements += parameters.back().elements();
}

}  // namespace dmt
