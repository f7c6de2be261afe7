import Expressions
import Testing

@Suite struct FormatTests {
  @Test(
    "clauses",
    arguments: [
      ("'no substitution'.format([])", "no substitution"),
      ("'%s'.format(['text'])", "text"),
      ("'%s and %s'.format(['a', 'b'])", "a and b"),
      ("'%%%s%%'.format(['text'])", "%text%"),
      ("'%s'.format([true])", "true"),
      ("'%s'.format([null])", "null"),
      ("'%s'.format([12])", "12"),
      ("'%s'.format([64u])", "64"),
      ("'%s'.format([3.14])", "3.14"),
      ("'%s'.format([double('NaN')])", "NaN"),
      ("'%s'.format([double('-inf')])", "-Infinity"),
      ("'%s'.format([b'xyz'])", "xyz"),
      ("'%s'.format([int])", "int"),
      ("'%s'.format([timestamp('2023-02-03T23:31:20+00:00')])", "2023-02-03T23:31:20Z"),
      ("'%s'.format([duration('1h45m47s')])", "6347s"),
      (
        "'%s'.format([['abc', 3.14, null, [9, 8, 7, 6], timestamp('2023-02-03T23:31:20Z')]])",
        "[abc, 3.14, null, [9, 8, 7, 6], 2023-02-03T23:31:20Z]"
      ),
      (
        "'%s'.format([{'key1': b'xyz', 'key5': null, 'key2': duration('2h'), 'key4': true, 'key3': 2.71828}])",
        "{key1: xyz, key2: 7200s, key3: 2.71828, key4: true, key5: null}"
      ),
      ("'%s'.format([{1: 'a', 0: 'b'}])", "{0: b, 1: a}"),
      ("'%d'.format([-12])", "-12"),
      ("'%d'.format([12u])", "12"),
      ("'%b'.format([5])", "101"),
      ("'%b'.format([-5])", "-101"),
      ("'%b'.format([true])", "1"),
      ("'%o'.format([11])", "13"),
      ("'%x'.format([30])", "1e"),
      ("'%X'.format([30u])", "1E"),
      ("'%x'.format(['Hello world!'])", "48656c6c6f20776f726c6421"),
      ("'%X'.format([b'\\xff\\x0a'])", "FF0A"),
      ("'%f'.format([2.71828])", "2.718280"),
      ("'%.3f'.format([1.2345])", "1.234"),
      ("'%.0f'.format([2.5])", "2"),
      ("'%.2f'.format([7])", "7.00"),
      ("'%f'.format([double('Infinity')])", "Infinity"),
      ("'%e'.format([2.71828])", "2.718280e+00"),
      ("'%.6e'.format([1052.032911275])", "1.052033e+03"),
      ("'%.2e'.format([-0.00012])", "-1.20e-04"),
      ("'%s: %.1f %d%%'.format(['load', 0.75, 40])", "load: 0.8 40%"),
    ])
  func clauses(source: String, text: String) throws {
    #expect(try evaluate(source) == .string(text))
  }

  @Test("the largest numbers are written in full")
  func largeNumbers() throws {
    let text = try evaluate("'%.1f'.format([-1.7e308])").rendered
    #expect(text.utf8.count == 312)
    #expect(text.hasPrefix("-169999999999999"))
    #expect(text.hasSuffix(".0"))
  }

  @Test(
    "clauses that fit nothing err",
    arguments: [
      "'%s'.format([])", "'%d'.format(['a'])", "'%d'.format([1.5])", "'%x'.format([1.5])", "'%b'.format(['a'])",
      "'%o'.format([true])", "'%f'.format(['a'])", "'%e'.format([null])", "'%a'.format([1])", "'%'.format([1])",
      "'%.f'.format([1.0])", "'%.5000f'.format([1.0])", "'%s'.format('a')", "'%s'.format([optional.of(1)])",
    ])
  func failures(source: String) throws { #expect(try failure(source) != nil) }
}
