import Expressions
import Testing

@Suite struct PatternTests {
  @Test(
    "patterns that match somewhere",
    arguments: [
      ("", ""), ("", "abc"), ("b", "abc"), ("^a", "abc"), ("c$", "abc"), ("^abc$", "abc"), ("a.c", "abc"),
      ("a.c", "a\u{E9}c"),
      ("a|b", "xb"), ("(a|b)c", "bc"), ("a*", ""), ("a+b", "aaab"), ("a?b", "b"), ("a{2}", "aa"), ("a{2,}", "aaa"),
      ("^a{1,2}$", "aa"), ("a{,2}", "a{,2}"), ("a{x", "a{x"), ("[abc]", "c"), ("[^abc]", "d"), ("[a-c]+", "b"),
      ("[]a]", "]"),
      ("[^]a]", "b"), ("[a-]", "-"), ("[\\]]", "]"), ("[\\d-]", "-"), ("\\d+", "a12"), ("\\D", "1a"), ("\\w", "_"),
      ("\\W", "a-"), ("\\s", "a\tb"), ("\\S", " a"), ("\\bfoo\\b", "a foo b"), ("\\Boo", "foo"), ("\\Aab\\z", "ab"),
      ("(?i)ABC", "xabc"), ("(?i)[a-z]+", "ABC"), ("(?i:a)b", "Ab"), ("(?s)a.b", "a\nb"), ("(?m)^b$", "a\nb\nc"),
      ("(?im-s)^B", "a\nb"), ("\\x41", "A"), ("\\x{1F431}", "\u{1F431}"), ("\\101", "A"), ("\\0", "\0"), ("\\.", "."),
      ("\\Qa.b\\E", "a.b"), ("\\Qa.b", "xa.b"), ("\\Qab\\Ec", "abc"), ("\\pL", "\u{E9}"), ("\\p{Lu}", "\u{C9}"),
      ("\\PL", "1"), ("\\p{^L}", "1"), ("[\\pN_]", "\u{663}"), ("[[:alpha:]]", "z"), ("[[:^digit:]]", "a"),
      ("\\t\\n\\r", "\t\n\r"),
      ("(?P<n>a)(?<m>b)", "ab"), ("(?:)", ""), ("a*b", "b"), ("(a*)*b", "aab"), ("(a|ab)(c|bcd)", "abcd"),
      ("x*", "y"), ("(?U)a+", "a"), ("[^\\n]", "a"), ("\u{E9}+", "\u{E9}\u{E9}"), ("(?i)\u{E9}", "\u{C9}"),
      ("(?i)k", "\u{212A}"),
      ("(?i)\u{3C3}", "\u{3C2}"), ("(|a)+", ""), ("$", "a"), ("a$|b", "ab"), ("[\\w.]+@[\\w.]+", "x@y.z"), ("^$", ""),
      ("(?i)straSSe", "STRASSE"), ("\\_", "_"), ("[a\\-z]", "-"), ("a\\/b", "a/b"),
    ])
  func matching(pattern: String, text: String) throws {
    #expect(try LinearPattern(pattern).matches(in: text))
  }

  @Test(
    "patterns that match nowhere",
    arguments: [
      ("b", "ac"), ("^b", "ab"), ("a$", "ab"), ("^$", "a"), ("a.c", "a\nc"), ("a{3}", "aa"), ("^a{1,2}$", "aaa"),
      ("[abc]", "d"),
      ("[^abc]", "abc"), ("\\d", "\u{663}"), ("\\w", "\u{E9}"), ("\\bfoo", "xfoo"), ("\\Bfoo", "foo"), ("(?-i)a", "A"),
      ("(?i:a)b", "AB"), ("^b$", "a\nb"), ("\\z.", "ab"), ("\\PL", "a"), ("\\p{Lu}", "a"), ("a\\Qb", "ac"),
      ("[[:upper:]]", "a"),
      ("(?i)[^a]", "A"), ("foobar", "foobaz fooba foob"), ("\\b", ""),
    ])
  func notMatching(pattern: String, text: String) throws {
    #expect(try !LinearPattern(pattern).matches(in: text))
  }

  @Test(
    "the leftmost match is the preferred one, and the first group is what it took",
    arguments: [
      ("v([0-9.]+)", "tool v1.20.3 (v2)", "1.20.3"), ("a+", "baaac", "aaa"), ("a+?", "baaac", "a"), ("a|ab", "ab", "a"),
      ("ab|a", "ab", "ab"), ("(a|ab)(c|bcd)", "abcd", "a"), ("(?:a)(b)", "ab", "b"), ("(a)|b", "b", nil),
      ("x", "abc", nil),
      ("(?i)VERSION ([^ ]+)", "the version 7 x", "7"), ("(a*)*", "aab", "aa"), ("(a*)+", "aab", "aa"),
      ("(a|b)*", "abba", "a"),
      ("(?U)(a+)", "aaa", "a"), ("(?U)(a+?)", "aaa", "aaa"), ("^(.*)$", "\u{E9}\u{1F431}", "\u{E9}\u{1F431}"),
      ("", "abc", ""),
      ("(?:(a)|b)*", "ab", "a"), ("b*?c", "abbc", "bbc"), ("(\\d+)\\.(\\d+)", "x 12.34", "12"),
      ("a{2,3}", "aaaa", "aaa"),
      ("a{2,3}?", "aaaa", "aa"), ("(|a)*", "aa", ""), ("(|a)+", "aa", ""), ("needle(.)", "a needle! needle?", "!"),
    ])
  func firstMatch(pattern: String, text: String, expected: String?) throws {
    #expect(try LinearPattern(pattern).firstMatch(in: text) == expected)
  }

  @Test("a whole match may take any branch")
  func wholeMatch() throws {
    #expect(try LinearPattern("a|ab").matchesWhole("ab"))
    #expect(try LinearPattern("[a-z0-9-]+").matchesWhole("my-name-1"))
    #expect(try !LinearPattern("[a-z0-9-]+").matchesWhole("my name"))
    #expect(try !LinearPattern("a").matchesWhole("a\n"))
    #expect(try LinearPattern("a*?").matchesWhole("aaa"))
    #expect(try LinearPattern("").matchesWhole(""))
    #expect(try !LinearPattern("").matchesWhole("a"))
    #expect(try !LinearPattern("b").matchesWhole("ab"))
  }

  @Test(
    "what is no pattern is refused at its place",
    arguments: [
      ("(", 0..<1), (")", 0..<1), ("a(b", 1..<2), ("[a", 0..<1), ("*", 0..<1), ("a|*", 2..<3), ("a**", 0..<3),
      ("a{2}{3}", 0..<7),
      ("a{1001}", 1..<7), ("a{2,1}", 1..<6), ("\\", 0..<1), ("\\y", 0..<2), ("\\1", 0..<2), ("(?=a)", 0..<3),
      ("(?!a)", 0..<3),
      ("(?<=a)", 0..<4), ("(?<!a)", 0..<4), ("(?x)a", 0..<3), ("(?", 0..<1), ("\\p{Greek}", 0..<9), ("\\p", 0..<2),
      ("[[:foo:]]", 1..<8), ("[b-a]", 1..<4), ("\\x{110000}", 0..<10), ("\\xg", 0..<2), ("(?P<n", 0..<5),
      ("\u{E9}\\y", 2..<4),
      ("[a-\\d]", 3..<5), ("a+*", 0..<3), ("\\C", 0..<2), ("(?i", 0..<1),
    ])
  func mistakes(pattern: String, range: Range<Int>) {
    do {
      _ = try LinearPattern(pattern)
      Issue.record("`\(pattern)` was taken")
    } catch {
      #expect(error.range == range, "\(pattern): \(error.message)")
    }
  }

  @Test(
    "patterns that multiply or nest without end are refused",
    arguments: [
      "((a{100}){100}){100}", "(?:(?:(?:(?:){1000}){1000}){1000}){1000}", String(repeating: "(", count: 5000),
      String(repeating: "(?:a", count: 300) + String(repeating: ")", count: 300), "(x{1000}){1000}",
      String(repeating: "a", count: 20_000),
    ])
  func limits(pattern: String) {
    #expect(throws: PatternError.self) { try LinearPattern(pattern) }
  }

  @Test(
    "patterns that other engines take for ever over take their time once a byte",
    arguments: [
      "(a+)+$", "^(a|a)*$", "(a*)*b", "(.*)(.*)(.*)(.*)(.*)b", "(x+x+)+y", "^(([a-z])+.)+[A-Z]([a-z])+$",
    ])
  func linearTime(pattern: String) throws {
    let text = String(repeating: "a", count: 3000) + "!"
    #expect(try !LinearPattern(pattern).matches(in: text))
  }

  @Test("a search after a beginning that every match has forgets nothing")
  func prefixes() throws {
    #expect(try LinearPattern("ab\\b").matches(in: "abc abd ab"))
    #expect(try LinearPattern("ab(c|d)e").matches(in: "abce abcx abde"))
    #expect(try LinearPattern("(ab|ab+)c").firstMatch(in: "ab abb abbbc") == "abbb")
    #expect(try LinearPattern("aab").matches(in: "aaab"))
    #expect(try LinearPattern("a\\bx|a").matches(in: "ba a"))
  }
}
