import Expressions
import Testing

@Suite struct ConversionTests {
  @Test(
    "conversions",
    arguments: [
      "int(42u) == 42", "int('987') == 987", "int('-5') == -5", "int('+5') == 5", "int(3.99) == 3", "int(-3.99) == -3",
      "int(timestamp('1970-01-01T00:01:00Z')) == 60", "int(timestamp('1969-12-31T23:59:59.5Z')) == -1", "int(7) == 7",
      "uint(42) == 42u", "uint('300') == 300u", "uint(25.5) == 25u",
      "uint(18446744073709551615u) == 18446744073709551615u",
      "uint(1.8446744073709550e19) == 18446744073709549568u",
      "double(-3) == -3.0", "double(9u) == 9.0", "double('-5.4E10') == -5.4e10", "double('NaN') != double('NaN')",
      "double('inf') > 1e308", "double('1e-400') == 0.0",
      "string('a') == 'a'", "string(-456) == '-456'", "string(9876u) == '9876'", "string(123.456) == '123.456'",
      "string(-4.5e-3) == '-0.0045'", "string(1.0) == '1'", "string(1e21) == '1e+21'", "string(1e-7) == '1e-7'",
      "string(true) == 'true'", "string(b'abc') == 'abc'", "string(b'\\xc3\\xa9') == '\u{E9}'",
      "string(timestamp('2009-02-13T23:31:30Z')) == '2009-02-13T23:31:30Z'",
      "string(timestamp('2009-02-13T23:31:30.123456789+01:00')) == '2009-02-13T22:31:30.123456789Z'",
      "string(duration('123s321ms456us789ns')) == '123.321456789s'", "string(duration('-1h')) == '-3600s'",
      "bool('true')", "bool('TRUE')", "bool('True')", "bool('t')", "bool('1')", "!bool('false')", "!bool('0')",
      "bool(true)",
      "bytes('abc') == b'abc'", "bytes('\u{E9}') == b'\\xc3\\xa9'", "bytes(b'a') == b'a'",
      "dyn(1) == 1", "type(dyn('a')) == string", "seconds(duration('1m30s500ms')) == 90.5", "type(int(1u)) == int",
      "timestamp(1768187640) == timestamp('2026-01-12T03:14:00Z')", "timestamp(timestamp(0)) == timestamp(0)",
      "duration(duration('1s')) == duration('1s')", "size({'a': 1, 'b': 2}) == 2", "size([]) == 0",
    ])
  func conversions(source: String) { #expect(isTrue(source)) }

  @Test(
    "what has no counterpart errs",
    arguments: [
      "int(9223372036854775808u)", "int(1e99)", "int(9.223372036854775807e18)", "int(-9.223372036854775808e18)",
      "int(double('NaN'))", "int('')", "int('1.5')", "int(' 1')", "int(true)", "int(null)", "uint(-1)", "uint(-1.0)",
      "uint(1.8446744073709551616e19)", "uint('-1')", "uint(double('NaN'))", "double('abc')", "double('')",
      "double('1e999')",
      "double(true)", "string([])", "string(null)", "string({})", "string(b'\\x00\\xff')", "bool('yes')",
      "bool('TrUe')",
      "bool(1)", "bytes(1)", "timestamp('2026-13-01T00:00:00Z')", "timestamp('2026-02-29T00:00:00Z')",
      "timestamp('2026-01-12')", "timestamp(253402300800)", "timestamp(-62135596801)", "duration('5')", "duration('')",
      "duration('1d')", "duration('1h 5m')", "duration('400000000s' + '000')", "int()", "int(1, 2)", "dyn()",
    ])
  func failures(source: String) throws { #expect(try failure(source) != nil) }

  @Test(
    "values have the same names, texts and tagged forms wherever they go",
    arguments: [
      ("1", "int", "1"), ("1u", "uint", "1"), ("1.5", "double", "1.5"), ("'a'", "string", "a"),
      ("true", "bool", "true"),
      ("null", "null_type", "null"), ("b'a'", "bytes", "YQ=="), ("[1, 'a', null]", "list", #"[1,"a",null]"#),
      ("{'a': [1.5, duration('1s')]}", "map", #"{"a":[1.5,"1s"]}"#),
      ("duration('5m')", "google.protobuf.Duration", "300s"),
      ("timestamp('2026-01-12T03:14:00Z')", "google.protobuf.Timestamp", "2026-01-12T03:14:00Z"),
      ("int", "type", "int"),
      ("optional.of(1)", "optional_type", "1"), ("optional.none()", "optional_type", "null"),
      ("{'quote': \"a\\\"b\\n\"}", "map", #"{"quote":"a\"b\n"}"#), ("0.1 + 0.2", "double", "0.30000000000000004"),
    ])
  func rendering(source: String, type: String, text: String) throws {
    let value = try evaluate(source)
    #expect(value.typeName == type)
    #expect(value.rendered == text)
    #expect(Value(tagged: value.taggedJSON) == value)
  }

  @Test("tagged values that are none are refused")
  func badTaggedValues() {
    #expect(Value(tagged: .object([])) == nil)
    #expect(Value(tagged: .string("a")) == nil)
    #expect(Value(tagged: .object([.init("int", .int(1))])) == nil)
    #expect(Value(tagged: .object([.init("int", .string("x"))])) == nil)
    #expect(Value(tagged: .object([.init("list", .array([.null]))])) == nil)
    #expect(Value(tagged: .object([.init("map", .array([.array([])]))])) == nil)
    #expect(Value(tagged: .object([.init("optional", .string("x"))])) == nil)
    #expect(Value(tagged: .object([.init("thing", .null)])) == nil)
  }
}
