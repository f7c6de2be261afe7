import BelayTestSupport
import Diagnostics
import RunbookFormatter
import RunbookParser
import Testing

/// Each `NAME.in.yaml` in `Layouts` with what formatting makes of it, `NAME.out.yaml`.
@Suite struct LayoutTests {
  static let folder = BelayBinary.projectRoot + "/Tests/FormatterTests/Layouts"
  static let names = GoldenFile.names(in: folder, suffix: ".in.yaml")

  @Test("files are laid out as their golden file says, and stay so", arguments: names)
  func layout(name: String) throws {
    let text = try #require(TestFile.read("\(Self.folder)/\(name).in.yaml"))
    let formatted = try #require(format(text))
    if let difference = GoldenFile.difference(formatted, from: "\(Self.folder)/\(name).out.yaml") {
      Issue.record("\(difference)")
    }
    #expect(format(formatted) == formatted)
    #expect(format(text.replacing("\n", with: "\r\n")) == formatted)
  }

  @Test(
    "small things",
    arguments: [
      ("belay: 1", "belay: 1\n"), ("belay: 1\n\n\n", "belay: 1\n"), ("\n\nbelay: 1\n", "belay: 1\n"),
      ("\u{FEFF}belay:  1\n", "\u{FEFF}belay: 1\n"),
      ("---\nname: a\n".replacing("name", with: "belay"), "---\nbelay: a\n"),
      ("belay: 1\n...\n", "belay: 1\n...\n"), ("# a\nbelay: 1 # b\n# c", "# a\nbelay: 1 # b\n# c\n"),
      ("belay: 1\ntitle: # why\n  a\n", "belay: 1\n# why\ntitle: a\n"),
      ("belay: 1\ntitle:\nname: a\n", "belay: 1\nname: a\ntitle:\n"),
      ("belay: 1\nsummary: |\n  a", "belay: 1\nsummary: |-\n  a\n"),
      ("belay: 1\nsummary: |+\n  a\n\nname: b\n", "belay: 1\nname: b\nsummary: |+\n  a\n\n"),
      ("belay: 1\nsummary: |\n  a\n\n\nname: b\n", "belay: 1\n\nname: b\nsummary: |\n  a\n"),
      ("belay: 1\nunheard: of\nname: b\n", "belay: 1\nunheard: of\nname: b\n"),
      ("belay: 1\nsteps:\n-\n  id: a\n- - b\n  - c\n", "belay: 1\nsteps:\n  - id: a\n  - - b\n    - c\n"),
      ("belay: 1\ntags: [a, # why\n  b]\n", "belay: 1\ntags:\n  - a # why\n  - b\n"),
      (
        "belay: 1\ntags: [ # why\n  a, b\n  # or not\n  ] # so\n",
        "belay: 1\ntags: # so\n  # why\n  - a\n  - b\n  # or not\n"
      ),
      ("belay: 1\ntags: [ # none\n  ]\n", "belay: 1\n# none\ntags: []\n"),
      ("belay: 1\ntags: [\"a\n  b\"]\n", "belay: 1\ntags:\n  - \"a\n    b\"\n"),
      (
        "belay: 1\nsteps: [{exec: [a, {b: c}, # why\n    \"d\n  e\"], id: f, # g\n h: }]\n",
        "belay: 1\nsteps:\n  - exec:\n      - a\n      - {b: c} # why\n      - \"d\n        e\"\n    id: f # g\n    h:\n"
      ),
      (
        "belay: 1\nsteps:\n  - {title: 't\n      u', # why\n     # i\n     id: a}\n",
        "belay: 1\nsteps:\n  # i\n  - id: a\n    title: 't\n      u' # why\n"
      ),
      ("belay: 1\nsummary: |2\n     a\n    b\nname: c\n", "belay: 1\nname: c\nsummary: |2\n     a\n    b\n"),
      (
        "belay: 1\nsteps:\n - run: |2-\n      a\n   id: b\n", "belay: 1\nsteps:\n  - id: b\n    run: |2-\n       a\n"
      ),
      (
        "project: 1\npeople:\n  b: {principal: p, login: l}\nname: a\nenvironments: {}\n",
        "project: 1\nname: a\nenvironments: {}\npeople:\n  b: {login: l, principal: p}\n"
      ),
      (
        "platform: 1\nvalues: {b: 1, a: 2}\nfields:\n  a: {of: int, type: list}\n",
        "platform: 1\nfields:\n  a: {type: list, of: int}\nvalues: {b: 1, a: 2}\n"
      ),
      ("belay: 1\nsteps:\n  - # why\n    id: a\n", "belay: 1\nsteps:\n  - # why\n    id: a\n"),
      (
        "belay: 1\nsteps:\n  - title: t\n    # why\n    id: a\n", "belay: 1\nsteps:\n  # why\n  - id: a\n    title: t\n"
      ),
      ("library: 1\nchecks: {}\nname: a\n", "library: 1\nname: a\nchecks: {}\n"),
    ])
  func smallThings(text: String, wanted: String) throws {
    #expect(format(text) == wanted)
    #expect(format(wanted) == wanted)
  }

  @Test(
    "what cannot be placed is refused",
    arguments: [
      "{belay: 1, name: a}", "name: a", "- belay", "belay: 1\n? name\n: a\n", "belay: 1\nname: [", "",
      "belay: 1\nname: a\nname: b\n", "belay: 1\n\"na\n  me\": a\n",
    ])
  func refusals(text: String) {
    let formatting = RunbookFormatter.format(SourceText(name: "test.yaml", text: text))
    #expect(formatting.text == nil)
    #expect(formatting.diagnostics.hasErrors)
  }

  @Test("the rule's examples are refused at the marked places, and taken")
  func ruleExamples() throws {
    let rule = try #require(RuleDescription.of("BLY0140"))
    for example in rule.bad {
      let found = RunbookFormatter.format(SourceText(name: "test.yaml", text: example.text)).diagnostics
      #expect(found.map(\.code) == [rule.code])
      #expect(found.map(\.span) == example.places)
    }
    for example in rule.good { #expect(format(example.text) == example.text) }
  }

  private func format(_ text: String) -> String? {
    RunbookFormatter.format(SourceText(name: "test.yaml", text: text)).text
  }
}
