#pragma once

#include <cstdint>

#include "kernels/scalar.h"

namespace dmt::kernels {

/// out[i] = table[rows[i]], rows of C elements.
template <typename TData>
void gather_rows(TData* out_NC, const TData* table_VC, const int32_t* rows_N, int64_t N, int64_t C);

/// table[rows[i]] += x[i] in the order of i, whatever the number of threads.
template <typename TTable, typename TData>
void scatter_add_rows(TTable* table_VC, const TData* x_NC, const int32_t* rows_N, int64_t N, int64_t C);

}  // namespace dmt::kernels
