import BelayTestSupport
import CanonicalJSON
import Diagnostics
import Testing
import YAMLSyntax

@testable import RunbookParser

/// The schemas against the parser: what one accepts the other does, as far as a file's shape goes.
///
/// A file is refused *on shape* where it is refused when it is held to the tables, before anything in it is decoded: an
/// unknown key, a key that is missing, a text where a list is wanted, a word that is none of those
/// that may stand there, a name that is none, two actions, and what a step's effect asks for. Not on shape are, and no schema
/// can see: the YAML itself and keys that stand twice, which key comes first, expressions and patterns, names that two things
/// have or nothing has, values against their declared types, and what another place of the file or another file decides.
@Suite struct SchemaTests {
  // MARK: Verdicts

  private struct Verdict {
    var kind: FileKind
    var root: YAMLNode
    var text: String
    var problems: [Diagnostic]
  }

  /// What the tables say of a file; nil where it is no YAML or no mapping that begins as such a file does.
  private static func verdict(_ text: String) -> Verdict? {
    let source = SourceText(name: "file.yaml", text: text)
    guard let root = YAMLReader.read(source).root, let first = root.mapping?.first,
      let kind = FileKind.allCases.first(where: { $0.firstKey == first.key })
    else { return nil }
    let decoder = Decoder(source: source)
    _ = decoder.file(root, kind.mapping)
    return Verdict(kind: kind, root: root, text: text, problems: decoder.diagnostics)
  }

  /// Codes of mistakes in shape.
  private static let codes: Set<DiagnosticCode> = [
    .notARunbook, .unknownKey, .missingKey, .missingRollback, .wrongKind, .badValue, .badName,
    .needlessRollback, .oneAction, .effectUnsaid,
  ]

  /// What is said under these codes of another place of the file, of patterns, and of values against their types.
  private static let elsewhere = [
    "the pattern cannot be used", "a query needs `server`", "a step inside is", "the check `", "the runbook `",
    "the inventory ", "`tolerate` means nothing without `holds`", " is of type ", " has no value",
    " is not there with `keep-output: none`", "`timeout` means nothing for `assert`", "`timeout` is for one question",
    "`max` is less than `min`",
  ]

  /// What the whole parser has against the shape of a file that the tables accept.
  private static func later(_ text: String) -> [Diagnostic] {
    RunbookCompiler.compile(SourceText(name: "file.yaml", text: text)).diagnostics.filter { found in
      // A warning refuses nothing.
      found.severity == .error && codes.contains(found.code) && !elsewhere.contains(where: found.message.contains)
    }
  }

  private static let python = InstalledProgram.python(with: "jsonschema")

  /// What the schemas say of files, in one call of an independent validator.
  private static func accepted(_ files: [(kind: FileKind, document: JSON)]) throws -> [Bool] {
    let world = TemporaryDirectory()
    for kind in FileKind.allCases { world.write("\(kind.rawValue).json", FileSchema.json(of: kind).prettyText()) }
    let lines = files.map { file in
      let line: JSON = ["kind": .string(file.kind.rawValue), "document": file.document]
      return line.lineText()
    }
    world.write("files", lines.joined(separator: "\n") + "\n")
    let script = """
      import json, sys, jsonschema
      validators = {}
      for kind in sys.argv[2:]:
          schema = json.load(open(kind + ".json"))
          jsonschema.Draft202012Validator.check_schema(schema)
          validators[kind] = jsonschema.Draft202012Validator(schema)
      for line in open(sys.argv[1], encoding="utf-8"):
          case = json.loads(line)
          print(int(validators[case["kind"]].is_valid(case["document"])))
      """
    let python = try #require(Self.python)
    let result = CommandRunner.run(
      [python, "-W", "ignore", "-c", script, "files"] + FileKind.allCases.map(\.rawValue), directory: world.path)
    try #require(result.status == 0, "\(result.errors)")
    let answers = result.output.split(separator: "\n").map { $0 == "1" }
    try #require(answers.count == files.count)
    return answers
  }

  /// Holds the schemas and the parser against each other; gives how many files both accept and both refuse.
  private static func compare(_ texts: [String]) throws -> (accepted: Int, refused: Int) {
    let verdicts = texts.compactMap(verdict)
    var count = (accepted: 0, refused: 0)
    for view in FileView.allCases {
      let seen = verdicts.compactMap { verdict in view.json(verdict.root).map { (verdict, $0) } }
      let answers = try accepted(seen.map { ($0.0.kind, $0.1) })
      for ((verdict, _), isAccepted) in zip(seen, answers) {
        let found = verdict.problems.map { "\($0.code.rawValue) \($0.message)" }.joined(separator: "\n")
        #expect(
          isAccepted == verdict.problems.isEmpty,
          "the schema, of \(view.rawValue), \(isAccepted ? "accepts" : "refuses")\n\(verdict.text)\n\(found)")
        if isAccepted { count.accepted += 1 } else { count.refused += 1 }
      }
    }
    for verdict in verdicts where verdict.problems.isEmpty {
      let later = later(verdict.text)
      #expect(later.isEmpty, "the tables accept\n\(verdict.text)\n\(later.map(\.message).joined(separator: "\n"))")
    }
    return count
  }

  // MARK: Files

  /// Every file of the project that the reader takes, and every example of a rule.
  private static func corpus() -> [String] {
    let root = BelayBinary.projectRoot
    let found = CommandRunner.run([
      "find", root + "/runbooks", root + "/examples", root + "/Tests/ParserTests/Diagnostics",
      root + "/Tests/FormatterTests",
      "-name", "*.yaml",
    ])
    let files = found.output.split(separator: "\n").sorted().compactMap { TestFile.read(String($0)) }
    let examples = RuleDescription.all.flatMap { rule in
      (rule.bad + rule.good).flatMap { [$0.text] + $0.project.sorted { $0.key < $1.key }.map(\.value) }
    }
    return files + examples
  }

  @Test("every key of every table has a shape, and every shape its key")
  func everyKeyHasAShape() {
    for kind in MappingKind.allCases {
      let shapes = Set((MappingKind.fields[kind] ?? [:]).keys)
      let table = kind.table
      #expect(table.keys.subtracting(shapes) == [], "\(kind)")
      let known = table.keys.union(KeyTable.actions).union(KeyTable.blocks)
      #expect(shapes.subtracting(known) == [], "\(kind)")
      #expect(Set(kind.required).isSubset(of: table.keys), "\(kind)")
    }
  }

  @Test("every key has a meaning, in one short sentence, and nothing else has one")
  func everyKeyHasAMeaning() {
    for kind in MappingKind.allCases {
      for key in kind.keys {
        guard let meaning = KeyMeaning.of(key, in: kind) else {
          Issue.record("\(kind) \(key) has none")
          continue
        }
        #expect(meaning.hasSuffix(".") && !meaning.contains(". "), "\(kind) \(key): \(meaning)")
        #expect(meaning.first?.isUppercase == true || meaning.firstMatch(of: /^[a-z]+( \(|:|,|$)/) != nil, "\(meaning)")
        #expect(meaning.utf8.count <= 160, "\(kind) \(key): \(meaning)")
      }
      for key in (KeyMeaning.files[kind] ?? [:]).merging(KeyMeaning.parts[kind] ?? [:], uniquingKeysWith: { $1 }).keys {
        #expect(kind.table.keys.contains(key), "\(kind) has no \(key)")
      }
    }
  }

  @Test("the project's own files and the rules' examples", .enabled(if: python != nil))
  func ownFiles() throws {
    let count = try Self.compare(Self.corpus())
    #expect(count.accepted > 150)
    #expect(count.refused > 30)
  }

  @Test("files that were broken at random, or left whole", .enabled(if: python != nil))
  func brokenFiles() throws {
    let trees = Self.corpus().compactMap(Self.verdict).filter { $0.problems.isEmpty }.map { FileTree($0.root) }
    var mutator = FileMutator(seed: 7, corpus: trees)
    let texts = (0..<1500).map { mutator.change(trees[$0 % trees.count]).yaml }
    let count = try Self.compare(texts)
    #expect(count.accepted > 300)
    #expect(count.refused > 1000)
  }

  @Test("files made of the tables alone", .enabled(if: python != nil))
  func generatedFiles() throws {
    var files = RandomFile(seed: 11)
    let texts = (0..<800).map { number in
      let kinds: [FileKind] = [.project, .inventory, .library, .rehearsal]
      return files.file(number % 10 < kinds.count ? kinds[number % 10] : .runbook).yaml
    }
    let count = try Self.compare(texts)
    #expect(count.accepted > 300)
    #expect(count.refused > 300)
  }
}
