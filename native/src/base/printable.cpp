#include "base/printable.h"

#include <cstddef>
#include <cstdint>

namespace dmt {
namespace {

constexpr size_t kValueBytes = 200;
constexpr size_t kMessageBytes = 4000;
constexpr size_t kEndShare = 5;  // of a text that is cut, the share that is shown of its end

bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0u) == 0x80u;
}

// One character of UTF-8, or one byte that belongs to none.
struct Character {
  uint32_t code = 0;
  size_t bytes = 1;
  bool valid = false;
};

Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1, true};
  const size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  const bool leads = lead >= 0xC2 && lead <= 0xF4 && bytes <= text.size();
  uint32_t code = lead & (0x7Fu >> bytes);
  for (size_t i = 1; leads && i < bytes; ++i) {
    if (!is_continuation(text[i])) return {lead, 1, false};
    code = (code << 6) | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  }
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool valid =
      leads && code >= kSmallest[bytes] && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
  return valid ? Character{code, bytes, true} : Character{lead, 1, false};
}

// Controls, line ends and marks of direction, of which a few have no shape.
bool is_obeyed(uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x061C || c == 0x180E || c == 0x200B ||
         c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) ||
         c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE007F);
}

void append_hex(std::string& out, uint32_t value, int digits) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += kDigits[(value >> shift) & 0xFu];
}

void append_escape(std::string& out, uint32_t code) {
  if (code == '\n' || code == '\r' || code == '\t') {
    out += code == '\n' ? "\\n" : code == '\r' ? "\\r" : "\\t";
    return;
  }
  out += code < 0x100 ? "\\x" : "\\u";
  append_hex(out, code, code < 0x100 ? 2 : code < 0x10000 ? 4 : 5);
}

std::string escaped(std::string_view text, bool keeps_lines) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character c = first_character(text);
    const bool stays = c.valid && (!is_obeyed(c.code) || (keeps_lines && c.code == '\n'));
    if (stays) {
      out += text.substr(0, c.bytes);
    } else {
      append_escape(out, c.code);
    }
    text.remove_prefix(c.bytes);
  }
  return out;
}

std::string cut(std::string_view text, size_t most) {
  if (text.size() <= most) return std::string(text);
  size_t to = most - most / kEndShare;
  size_t from = text.size() - most / kEndShare;
  while (to > 0 && is_continuation(text[to])) --to;
  while (from < text.size() && is_continuation(text[from])) ++from;
  std::string out(text.substr(0, to));
  out += "... (" + std::to_string(from - to) + " bytes cut) ...";
  return out += text.substr(from);
}

}  // namespace

std::string printable_value(std::string_view text) {
  return escaped(cut(text, kValueBytes), false);
}

std::string printable_message(std::string_view text) {
  return escaped(cut(text, kMessageBytes), true);
}

}  // namespace dmt
