import Expressions
import Testing

@Suite struct ArithmeticTests {
  @Test(
    "operators give the value they should",
    arguments: [
      "1 + 2 * 3 == 7", "(1 + 2) * 3 == 9", "7 - 2 - 1 == 4", "2 * 3 % 4 == 2", "-7 / 2 == -3", "-7 % 2 == -1",
      "7 % -2 == 1", "--5 == 5", "-(-5) == 5", "0x10 + 1 == 17", "-0x10 == -16",
      "-9223372036854775808 == -9223372036854775807 - 1", "9223372036854775807 - 1 == 9223372036854775806",
      "18446744073709551615u - 1u == 18446744073709551614u", "7u / 2u == 3u", "7u % 4u == 3u", "3u * 4u == 12u",
      "1.5 + 1.5 == 3.0", "1.5 - 0.5 == 1.0", "1.5 * 2.0 == 3.0", "3.0 / 2.0 == 1.5", "-1.5 < 0.0", "1e3 == 1000.0",
      ".5 == 0.5", "1.0 / 0.0 == double('inf')", "-1.0 / 0.0 == double('-inf')", "!(0.0 / 0.0 == 0.0 / 0.0)",
      "'a' + 'b' == 'ab'", "b'a' + b'b' == b'ab'", "[1] + [2, 3] == [1, 2, 3]", "[] + [] == []",
    ])
  func operators(source: String) { #expect(isTrue(source)) }

  @Test(
    "what does not fit errs",
    arguments: [
      "9223372036854775807 + 1", "-9223372036854775808 - 1", "4611686018427387904 * 2", "-(-9223372036854775808)",
      "-9223372036854775808 / -1", "-9223372036854775808 % -1", "1 / 0", "1 % 0", "1u / 0u", "1u % 0u", "0u - 1u",
      "18446744073709551615u + 1u", "9223372036854775808u * 2u",
    ])
  func overflow(source: String) throws { #expect(try failure(source) != nil) }

  @Test(
    "operands of two types err",
    arguments: [
      "1 + 1u", "1 + 1.0", "1u + 1.0", "'a' + 1", "1.0 % 1.0", "[1] + 1", "{} + {}", "true + true", "null + null",
      "-1u", "-'a'", "-true", "'a' - 'a'", "'a' * 2", "type(1) + type(1)",
    ])
  func mixedOperands(source: String) throws { #expect(try failure(source) != nil) }

  @Test(
    "numbers out of range are no literals",
    arguments: [
      "9223372036854775808", "-9223372036854775809", "18446744073709551616u", "0x10000000000000000", "1e400", "1u2",
      "1x",
      "0x", "5s",
    ])
  func literalsOutOfRange(source: String) {
    if case .success = Expression.parse(source) { Issue.record("\(source) was parsed") }
  }

  @Test("an error says what was to be worked out")
  func messages() throws {
    #expect(try failure("9223372036854775807 + 1") == "9223372036854775807 + 1 is out of range")
    #expect(try failure("x / 0", ["x": .int(4)]) == "4 cannot be divided by zero")
    #expect(try failure("'a' + 1") == "`+` does not take string and int")
  }

  @Test("doubling a text over and over ends in an error")
  func sizeLimit() throws {
    var source = "s"
    for _ in 0..<40 { source = "cel.bind(s, s + s, \(source))" }
    #expect(try failure("cel.bind(s, '0123456789', \(source))")?.contains("64 MiB") == true)
  }
}
