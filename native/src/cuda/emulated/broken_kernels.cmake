# Kernels that are broken on purpose, to show that the emulated device finds it: copies of the real sources with one
# or more changes each, of which dmt_emulated_break() chooses one by its name.
#
#   cmake -DFROM=<src/cuda> -DTO=<folder> -P broken_kernels.cmake
#
# With -DLIST=ON sets broken_files, the names of the sources that are changed, instead (for include()).
set(broken_files block.cuh decode_attention.cu embedding.cu pack.h flat.h rms_norm.h rms_norm.cu
  swiglu.cu sample.cu cross_entropy.h cross_entropy.cu decode_cache.h rotary.h quantized.h
  quantized.cu)
if(LIST)
  return()
endif()

foreach(file IN LISTS broken_files)
  file(READ "${FROM}/${file}" "text_${file}")
endforeach()

# change(<name> <file> <text> <text instead>): the text must be there once. BROKEN is whether the change is chosen.
function(change name file text instead)
  set(source "${text_${file}}")
  string(FIND "${source}" "${text}" first)
  string(FIND "${source}" "${text}" last REVERSE)
  if(first EQUAL -1 OR NOT first EQUAL last)
    message(FATAL_ERROR "${FROM}/${file}: not there once: ${text}")
  endif()
  string(REPLACE "BROKEN" "(::dmt::emulated::chosen_change == ::dmt::emulated::change_number(\"${name}\"))"
    instead "${instead}")
  string(REPLACE "${text}" "${instead}" source "${source}")
  set("text_${file}" "${source}" PARENT_SCOPE)
endfunction()

# Barriers that are gone.
change("block_reduce: no barrier before its memory is used again" block.cuh
  "__syncthreads();  // other threads may still" "if (!BROKEN) __syncthreads();  // other threads may still")
change("block_reduce: no barrier before the warps' values are read" block.cuh
  "__syncthreads();
  value = warps[0];" "if (!BROKEN) __syncthreads();
  value = warps[0];")
change("rms_norm: no barrier before strips are added" rms_norm.cu
  "__syncthreads();" "if (!BROKEN) __syncthreads();")
change("decode_attention: no barrier behind the query" decode_attention.cu
  "__syncthreads();  // a score needs" "if (!BROKEN) __syncthreads();  // a score needs")
change("decode_attention: no barrier behind the scores" decode_attention.cu
  "__syncthreads();  // a head's scores" "if (!BROKEN) __syncthreads();  // a head's scores")
change("decode_attention: no barrier behind the weights" decode_attention.cu
  "__syncthreads();  // a thread needs" "if (!BROKEN) __syncthreads();  // a thread needs")
change("decode_attention: no barrier behind the sums" decode_attention.cu
  "__syncthreads();  // a column's" "if (!BROKEN) __syncthreads();  // a column's")
change("decode_attention: no barrier before the sums are overwritten" decode_attention.cu
  "__syncthreads();  // the next" "if (!BROKEN) __syncthreads();  // the next")
change("sample: no barrier behind the counts" sample.cu
  "__syncthreads();
  if (threadIdx.x != 0) return;" "if (!BROKEN) __syncthreads();
  if (threadIdx.x != 0) return;")
change("dequantize: no barrier behind the tables" quantized.cu
  "__syncthreads();  // a thread needs" "if (!BROKEN) __syncthreads();  // a thread needs")

# Shifted indices.
change("block_reduce: all warps leave their value in one place" block.cuh
  "warps[threadIdx.x / 32] = value" "warps[BROKEN ? 0 : threadIdx.x / 32] = value")
change("block_reduce: one value too many is read" block.cuh
  "int warp = 1; warp < static_cast<int>(blockDim.x) / 32" "int warp = 1; warp < static_cast<int>(blockDim.x) / 32 + BROKEN")
change("rms_norm: strips are read one column further" rms_norm.h
  "dweight_SC[s * columns + c]" "dweight_SC[s * columns + c + BROKEN]")
change("swiglu: the output is one element further" swiglu.cu
  "row * op.columns + c;" "row * op.columns + c + BROKEN;")
change("gather_rows: rows are one further" embedding.cu
  "+ i * op.columns;" "+ (i + BROKEN) * op.columns;")
change("flat: a thread begins its second pack too early" flat.h
  "for (int64_t p = thread; p < packs; p += threads) pass" "for (int64_t p = thread; p < packs; p += threads - BROKEN) pass")
change("cross_entropy: the gradient is one element further" cross_entropy.h
  "store_pack<kLanes>(logits_V + v, pack)" "store_pack<kLanes>(logits_V + v + BROKEN, pack)")
change("cache: positions are one further" decode_cache.h
  "shape.capacity + position)" "shape.capacity + position + BROKEN)")
change("dequantize: codes are read 64 bytes further" quantized.h
  "codes[i / 2] >>" "codes[i / 2 + (BROKEN ? 64 : 0)] >>")
change("rotary: the second half begins one element late" rotary.h
  "store_pack<kLanes>(head_D + half + i, second)" "store_pack<kLanes>(head_D + half + i + BROKEN, second)")
change("decode_attention: the sums of a row are one further" decode_attention.cu
  "at.width + d / kLanes]" "at.width + d / kLanes + 4 * BROKEN]")

# Accesses of 16 bytes where they are not allowed.
change("packs: data that misses 16 bytes is taken for aligned" pack.h
  "% 16 == 0; }" "% (BROKEN ? 4 : 16) == 0; }")
change("packs: rows of any length are taken for aligned" pack.h
  "return columns % kFullPack<T> == 0 &&" "return (BROKEN || columns % kFullPack<T> == 0) &&")
change("decode_attention: a thread's columns begin one late" decode_attention.cu
  "% width * kLanes;" "% width * kLanes + BROKEN;")

# Threads that others wait for, and a block that is too large.
change("sample: a thread returns before the others shuffle with it" sample.cu
  "const T* logits =" "if (BROKEN && threadIdx.x == 37) return;
    const T* logits =")
change("source_sums: half of a warp is at a barrier, half at a shuffle" cross_entropy.cu
  "const SourceShare share" "if (BROKEN && threadIdx.x % 32 < 16) __syncthreads();
  const SourceShare share")
change("sample: a block above the device's limit" sample.cu
  "DMT_LAUNCH(blocks_for(op.rows, 1), kSampleThreads" "DMT_LAUNCH(blocks_for(op.rows, 1), kSampleThreads * (BROKEN ? 4 : 1)")

foreach(file IN LISTS broken_files)
  file(WRITE "${TO}/${file}" "${text_${file}}")
endforeach()
