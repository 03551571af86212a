#include "base/printable.h"

#include <gtest/gtest.h>

namespace dmt::printable_test {
namespace {

TEST(Printable, KeepsTextAsItIs) {
  for (const char* text : {"", "a \"b\" \\c", "caf\u00e9", "\u65e5\u672c", "\U0001f600"}) {
    EXPECT_EQ(printable_value(text), text);
  }
}

TEST(Printable, EscapesWhatATerminalObeys) {
  EXPECT_EQ(printable_value(std::string("a\0b", 3)), R"(a\x00b)");
  EXPECT_EQ(printable_value("\x1b[31m\x7f\r\n\t"), R"(\x1b[31m\x7f\r\n\t)");
  EXPECT_EQ(printable_value("\u009b\u202e\u2028\ufeff\U000e0041"), R"(\x9b\u202e\u2028\ufeff\ue0041)");
  EXPECT_EQ(printable_message("one\ntwo\x1b"), "one\ntwo\\x1b");
}

TEST(Printable, EscapesBytesThatAreNoUtf8) {
  EXPECT_EQ(printable_value("\xff\xc0\xaf\xe2\x82"), R"(\xff\xc0\xaf\xe2\x82)");
  EXPECT_EQ(printable_value("\xed\xa0\x80"), R"(\xed\xa0\x80)");  // half of a surrogate pair
  EXPECT_EQ(printable_value("\xf4\x90\x80\x80"), R"(\xf4\x90\x80\x80)");
}

TEST(Printable, CutsTheMiddleBetweenCharacters) {
  EXPECT_EQ(printable_value(std::string(200, 'a')), std::string(200, 'a'));
  EXPECT_EQ(printable_value(std::string(1000, 'a')),
            std::string(160, 'a') + "... (800 bytes cut) ..." + std::string(40, 'a'));
  std::string wide;
  for (int i = 0; i < 1000; ++i) wide += "\u65e5";
  const std::string shown = printable_value(wide);
  EXPECT_EQ(shown.find('\\'), std::string::npos) << shown;
  EXPECT_NE(shown.find("... (2802 bytes cut) ..."), std::string::npos) << shown;
}

}  // namespace
}  // namespace dmt::printable_test
