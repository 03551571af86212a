// What a JVM asks before libtorch is loaded, which decides about the GPU's or the CPU's: libtorch's GPU build
// does not load without some of NVIDIA's libraries. Natives of ai.dmt.bindings.GpuRuntime; JavaCPP's are in a
// library that needs libtorch itself. Texts cross as UTF-8, which is not what JNI means by it.
#include <jni.h>

#include <exception>

#include "base/shared_library.h"
#include "cuda/gpu_libraries.h"

namespace {

std::string text_of(JNIEnv* env, jbyteArray bytes) {
  std::string text(static_cast<size_t>(env->GetArrayLength(bytes)), '\0');
  env->GetByteArrayRegion(bytes, 0, static_cast<jsize>(text.size()), reinterpret_cast<jbyte*>(text.data()));
  return text;
}

std::vector<std::string> texts_of(JNIEnv* env, jobjectArray arrays) {
  std::vector<std::string> texts;
  for (jsize i = 0; i < env->GetArrayLength(arrays); ++i) {
    auto* bytes = static_cast<jbyteArray>(env->GetObjectArrayElement(arrays, i));
    texts.push_back(text_of(env, bytes));
    env->DeleteLocalRef(bytes);
  }
  return texts;
}

/// Null if the JVM is out of memory, which it throws.
jbyteArray bytes_of(JNIEnv* env, const std::string& text) {
  const auto size = static_cast<jsize>(text.size());
  jbyteArray bytes = env->NewByteArray(size);
  if (bytes != nullptr) env->SetByteArrayRegion(bytes, 0, size, reinterpret_cast<const jbyte*>(text.data()));
  return bytes;
}

}  // namespace

extern "C" {

JNIEXPORT jbyteArray JNICALL Java_ai_dmt_bindings_GpuRuntime_driverFault(JNIEnv* env, jclass) {
  return bytes_of(env, dmt::SharedLibrary("libcuda.so.1").fault());
}

JNIEXPORT jbyteArray JNICALL Java_ai_dmt_bindings_GpuRuntime_loadNeeds(JNIEnv* env, jclass,
                                                                       jbyteArray library,
                                                                       jobjectArray folders,
                                                                       jobjectArray brought) {
  std::string fault;
  try {
    dmt::cuda::GpuNeeds needs;
    needs.library = text_of(env, library);
    for (const std::string& folder : texts_of(env, folders)) needs.folders.emplace_back(folder);
    needs.brought = texts_of(env, brought);
    fault = dmt::cuda::load_needs(needs);
  } catch (const std::exception& e) {
    fault = e.what();
  }
  return bytes_of(env, fault);
}

}  // extern "C"
