#pragma once

/// In front of a loop whose result is the largest of some floats: vector code by GCC. Clang makes none of it,
/// since a value may be NaN, and warns where it is asked to.
#if defined(__clang__)
#define DMT_SIMD_MAX(variable)
#else
#define DMT_PRAGMA(text) _Pragma(#text)
#define DMT_SIMD_MAX(variable) DMT_PRAGMA(omp simd reduction(max : variable))
#endif
