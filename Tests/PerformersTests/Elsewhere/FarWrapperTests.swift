import Testing

@testable import Performers

/// The wrapper's own rules.
@Suite struct FarWrapperTests {
  @Test("nothing is in the texts that a login shell of another family would take for its own")
  func textsAreHarmless() {
    for text in [FarWrapper.outer, FarWrapper.inner] {
      #expect(!text.contains("'"))
      #expect(!text.contains("\n"))
      #expect(!text.replacing("$!", with: "").contains("!"))
      #expect(!text.replacing("\\n", with: "").contains("\\"))
    }
  }

  @Test("a quoted word is one word to a shell")
  func wordsAreQuoted() {
    #expect(FarWrapper.quoted("") == "''")
    #expect(FarWrapper.quoted("it's $x") == "'it'\\''s $x'")
  }
}
