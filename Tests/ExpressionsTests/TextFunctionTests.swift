import Expressions
import Testing

@Suite struct TextFunctionTests {
  @Test(
    "functions of texts",
    arguments: [
      "'hello'.contains('ell')", "!'hello'.contains('z')", "'hello'.contains('')", "'hello'.startsWith('he')",
      "!'hello'.startsWith('lo')", "'hello'.endsWith('lo')", "!'hello'.endsWith('he')", "'a'.startsWith('')",
      "'abc'.matches('^a.c$')", "matches('abc', 'b')", "!'abc'.matches('^b')", "'abc'.matches('B' + '') == false",
      "size('hello') == 5", "'hello'.size() == 5", "size('\u{00E9}\u{1F431}') == 2", "size(b'\\xff\\xff') == 2",
      "'tacocat'.charAt(3) == 'o'", "'tacocat'.charAt(7) == ''", "'\u{A9}\u{3B1}T'.charAt(0) == '\u{A9}'",
      "'\u{A9}\u{3B1}T'.charAt(1) == '\u{3B1}'",
      "'tacocat'.indexOf('') == 0", "'tacocat'.indexOf('ac') == 1", "'tacocat'.indexOf('none') == -1",
      "'tacocat'.indexOf('', 3) == 3", "'tacocat'.indexOf('a', 3) == 5", "'tacocat'.indexOf('at', 3) == 5",
      "'ta\u{A9}o\u{A9}\u{3B1}T'.indexOf('\u{A9}') == 2",
      "'ta\u{A9}o\u{A9}\u{3B1}T'.indexOf('\u{A9}', 3) == 4", "'ta\u{A9}o\u{A9}\u{3B1}T'.indexOf('\u{A9}\u{3B1}') == 4",
      "'tacocat'.lastIndexOf('') == 7", "'tacocat'.lastIndexOf('at') == 5", "'tacocat'.lastIndexOf('none') == -1",
      "'tacocat'.lastIndexOf('', 3) == 3", "'tacocat'.lastIndexOf('a', 3) == 1", "'tacocat'.lastIndexOf('at', 3) == -1",
      "'tacocat'.lastIndexOf('a', 5) == 5", "''.lastIndexOf('a') == -1",
      "'ta\u{A9}o\u{A9}\u{3B1}T'.lastIndexOf('\u{A9}') == 4", "'ta\u{A9}o\u{A9}\u{3B1}T'.lastIndexOf('\u{A9}', 3) == 2",
      "'aaaa'.lastIndexOf('aa') == 2", "'aaaa'.indexOf('aa', 1) == 1",
      "'TacoCat'.lowerAscii() == 'tacocat'", "'TacoC\u{C6}t'.lowerAscii() == 'tacoc\u{C6}t'",
      "'tacoCat'.upperAscii() == 'TACOCAT'", "'tacoc\u{3B1}t'.upperAscii() == 'TACOC\u{3B1}T'",
      "'12 days 12 hours'.replace('{0}', '2') == '12 days 12 hours'",
      "'{0} days {0} hours'.replace('{0}', '2') == '2 days 2 hours'",
      "'{0} days {0} hours'.replace('{0}', '2', 1).replace('{0}', '23') == '2 days 23 hours'",
      "'1 \u{3B1}\u{3B1} taco'.replace('\u{3B1}', '\u{A9}') == '1 \u{A9}\u{A9} taco'",
      "'abc'.replace('b', '', 0) == 'abc'", "'h\u{E9}'.replace('', '_') == '_h_\u{E9}_'", "''.replace('', '_') == '_'",
      "'hello'.replace('', '_', 2) == '_h_ello'",
      "'hello world'.split(' ') == ['hello', 'world']", "'hello world events!'.split(' ', 0) == []",
      "'hello world events!'.split(' ', 1) == ['hello world events!']",
      "'o\u{A9}o\u{A9}o\u{A9}o'.split('\u{A9}', -1) == ['o', 'o', 'o', 'o']", "'a,b,c'.split(',', 2) == ['a', 'b,c']",
      "'h\u{E9}'.split('') == ['h', '\u{E9}']", "''.split('') == []", "''.split(',') == ['']",
      "','.split(',') == ['', '']", "'abc'.split('', 2) == ['a', 'bc']",
      "'tacocat'.substring(4) == 'cat'", "'tacocat'.substring(7) == ''", "'tacocat'.substring(0, 4) == 'taco'",
      "'tacocat'.substring(4, 4) == ''", "'ta\u{A9}o\u{A9}\u{3B1}T'.substring(2, 6) == '\u{A9}o\u{A9}\u{3B1}'",
      "'ta\u{A9}o\u{A9}\u{3B1}T'.substring(7, 7) == ''",
      "' \\f\\n\\r\\t\\vtext  '.trim() == 'text'", "'\\u0085\\u00a0\\u1680text'.trim() == 'text'", "'   '.trim() == ''",
      "'te\\u2000xt\\u2003'.trim() == 'te\\u2000xt'", "'\\u200btext'.trim() == '\\u200btext'",
      "['x', 'y'].join() == 'xy'", "['x', 'y'].join('-') == 'x-y'", "[].join() == ''", "[].join('-') == ''",
      "'gums'.reverse() == 'smug'", "'\u{180E}\u{200B}'.reverse() == '\u{200B}\u{180E}'", "''.reverse() == ''",
      "strings.quote('verbatim') == \"\\\"verbatim\\\"\"", "strings.quote('a\\nb') == \"\\\"a\\\\nb\\\"\"",
      "strings.quote('bell\\a') == \"\\\"bell\\\\a\\\"\"",
      "strings.quote(\"a\\\"b\\\\\") == \"\\\"a\\\\\\\"b\\\\\\\\\\\"\"",
      "strings.quote('\\b\\f\\r\\t\\v') == \"\\\"\\\\b\\\\f\\\\r\\\\t\\\\v\\\"\"",
    ])
  func functions(source: String) { #expect(isTrue(source)) }

  @Test(
    "places outside of a text, and arguments of other types, err",
    arguments: [
      "'tacocat'.charAt(30)", "'tacocat'.charAt(-1)", "'tacocat'.indexOf('a', -1)", "'tacocat'.indexOf('a', 30)",
      "'tacocat'.lastIndexOf('a', 30)", "'tacocat'.lastIndexOf('a', -1)",
      "'tacocat'.substring(40)", "'tacocat'.substring(-1)", "'tacocat'.substring(1, 50)", "'tacocat'.substring(49, 50)",
      "'tacocat'.substring(4, 3)", "'a'.contains(1)", "1.contains('a')", "'a'.contains()", "'a'.charAt('b')",
      "[1].join()", "['a', 1].join(',')", "'a'.split(1)", "'a'.replace('a')", "'a'.matches('(')", "size(1)", "size()",
      "size('a', 'b')", "strings.quote(1)", "'a'.trim('b')", "'a'.substring()",
    ])
  func failures(source: String) throws {
    guard case .success(let expression) = Expression.parse(source) else { return }
    #expect(throws: EvaluationError.self) { try expression.evaluate(in: EmptyScope()) }
  }
}
