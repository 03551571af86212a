#include "cuda/shared_object.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>

namespace dmt::cuda {
namespace {

#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
#else
constexpr Elf64_Half kMachine = EM_NONE;
#endif

/// Reads of an ELF file; all of them fail once one has.
class ElfFile {
 public:
  explicit ElfFile(const std::filesystem::path& file) : in_(file, std::ios::binary) {
    const auto header = at<Elf64_Ehdr>(0);
    valid_ = in_ && std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
             header.e_ident[EI_CLASS] == ELFCLASS64 && header.e_ident[EI_DATA] == ELFDATA2LSB &&
             header.e_machine == kMachine && header.e_type == ET_DYN &&
             header.e_phentsize == sizeof(Elf64_Phdr);
    for (Elf64_Half i = 0; valid_ && i < header.e_phnum; ++i)
      segments_.push_back(at<Elf64_Phdr>(header.e_phoff + i * sizeof(Elf64_Phdr)));
  }
  bool good() const { return valid_ && in_.good(); }

  /// Entries of the dynamic section.
  std::vector<Elf64_Dyn> dynamic() {
    std::vector<Elf64_Dyn> entries;
    for (const Elf64_Phdr& segment : segments_) {
      if (segment.p_type != PT_DYNAMIC) continue;
      for (Elf64_Xword offset = 0; good() && offset + sizeof(Elf64_Dyn) <= segment.p_filesz;
           offset += sizeof(Elf64_Dyn)) {
        entries.push_back(at<Elf64_Dyn>(segment.p_offset + offset));
        if (entries.back().d_tag == DT_NULL) break;
      }
    }
    return entries;
  }

  /// The zero-terminated string at an address of the loaded library.
  std::string text(Elf64_Addr address) {
    for (const Elf64_Phdr& segment : segments_) {
      if (segment.p_type != PT_LOAD || address < segment.p_vaddr ||
          address >= segment.p_vaddr + segment.p_filesz)
        continue;
      std::string text;
      in_.seekg(static_cast<std::streamoff>(segment.p_offset + (address - segment.p_vaddr)));
      std::getline(in_, text, '\0');
      return text;
    }
    valid_ = false;
    return "";
  }

 private:
  template <typename T>
  T at(Elf64_Off offset) {
    T value = {};
    in_.seekg(static_cast<std::streamoff>(offset));
    in_.read(reinterpret_cast<char*>(&value), sizeof(T));
    return value;
  }

  std::ifstream in_;
  bool valid_ = false;
  std::vector<Elf64_Phdr> segments_;
};

/// "a:b" as folders, where $ORIGIN is the folder of the library.
std::vector<std::filesystem::path> folders_of(const std::string& list, const std::filesystem::path& origin) {
  std::vector<std::filesystem::path> folders;
  std::istringstream in(list);
  for (std::string folder; std::getline(in, folder, ':');) {
    for (const std::string name : {"$ORIGIN", "${ORIGIN}"}) {
      const size_t at = folder.find(name);
      if (at != std::string::npos) folder.replace(at, name.size(), origin.string());
    }
    if (!folder.empty()) folders.emplace_back(folder);
  }
  return folders;
}

}  // namespace

std::optional<SharedObject> read_shared_object(const std::filesystem::path& file) {
  ElfFile elf(file);
  if (!elf.good()) return std::nullopt;
  const std::vector<Elf64_Dyn> dynamic = elf.dynamic();
  const auto strings =
      std::ranges::find_if(dynamic, [](const Elf64_Dyn& entry) { return entry.d_tag == DT_STRTAB; });
  if (strings == dynamic.end()) return std::nullopt;
  SharedObject object;
  for (const Elf64_Dyn& entry : dynamic) {
    if (entry.d_tag != DT_NEEDED && entry.d_tag != DT_RPATH && entry.d_tag != DT_RUNPATH) continue;
    const std::string text = elf.text(strings->d_un.d_ptr + entry.d_un.d_val);
    if (entry.d_tag == DT_NEEDED)
      object.needed.push_back(text);
    else
      object.folders = folders_of(text, file.parent_path());
  }
  if (!elf.good()) return std::nullopt;
  return object;
}

}  // namespace dmt::cuda
