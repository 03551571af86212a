// Stands in for NVIDIA's libcuda.so.1 where there is no GPU: one device that can do nothing. What is missing
// besides the driver can then be seen.
//   cc -shared -fPIC -Wl,-soname,libcuda.so.1 -o libcuda.so.1 stand_in_driver.c
#include <stddef.h>
#include <string.h>

int cuInit(unsigned flags) { (void)flags; return 0; }
int cuDriverGetVersion(int* version) { *version = 13000; return 0; }
int cuGetErrorString(int error, const char** text) { (void)error; *text = "stand-in"; return 0; }
int cuDeviceGetCount(int* count) { *count = 1; return 0; }
int cuDeviceGet(int* device, int index) { *device = index; return 0; }
int cuDeviceGetName(char* name, int size, int device) {
  (void)device;
  strncpy(name, "stand-in", (size_t)size);
  return 0;
}
int cuDeviceTotalMem_v2(size_t* bytes, int device) { (void)device; *bytes = (size_t)80 << 30; return 0; }
int cuDeviceGetAttribute(int* value, int attribute, int device) {
  (void)device;
  *value = attribute == 75 ? 9 : 0;  // compute capability 9.0
  return 0;
}
