import BelayTestSupport
import CanonicalJSON
import Testing

/// The formats of `belay validate`, held to their published schemas.
@Suite struct ReportFormatTests {
  /// Files with every mistake there is an example of.
  static let mistakes = BelayBinary.projectRoot + "/Tests/ParserTests/Diagnostics"
  static let schemas = BelayBinary.projectRoot + "/Tests/CommandLineTests/Schemas"

  private static func validate(_ format: String, _ paths: [String], in world: TemporaryDirectory) -> CommandResult {
    BelayBinary.run(["validate", "--format", format] + paths, store: world.path("store"), directory: world.path)
  }

  /// A file whose name and content need escaping, beside many others and one that is missing.
  private static func manyFiles() -> (world: TemporaryDirectory, paths: [String]) {
    let world = TemporaryDirectory()
    world.write("o d,d/<\"&'%:ä>.yaml", "belay: 1\nname: example\ntitel: \"]]> & <b>\u{7F}\"\nsteps: []\n")
    return (world, [mistakes, ".", "nowhere.yaml"])
  }

  @Test(
    "SARIF keeps to its schema",
    .enabled(if: InstalledProgram.python(with: "jsonschema") != nil)) func sarifIsValid() throws
  {
    let (world, paths) = Self.manyFiles()
    let result = Self.validate("sarif", paths, in: world)
    #expect(result.status == 2)
    world.write("log.sarif", result.output)
    let script = """
      import json, sys, jsonschema
      schema, log = (json.load(open(path)) for path in sys.argv[1:])
      validator = jsonschema.Draft4Validator(schema, format_checker=jsonschema.draft4_format_checker)
      errors = list(validator.iter_errors(log))
      for error in errors: print(list(error.absolute_path), error.message)
      sys.exit(bool(errors))
      """
    let python = try #require(InstalledProgram.python(with: "jsonschema"))
    let schema = Self.schemas + "/sarif-schema-2.1.0.json"
    let checked = CommandRunner.run([python, "-W", "ignore", "-c", script, schema, world.path("log.sarif")])
    #expect(checked.status == 0, "\(checked.output)\(checked.errors)")
    // A schema that accepts anything would prove nothing.
    world.write("broken.sarif", result.output.replacing("\"startLine\": 1,", with: "\"startLine\": 0,"))
    #expect(CommandRunner.run([python, "-W", "ignore", "-c", script, schema, world.path("broken.sarif")]).status == 1)
  }

  @Test("a report of rehearsals as JUnit keeps to its schema", .enabled(if: InstalledProgram.isExpected("xmllint")))
  func rehearsalsAreValid() {
    let world = TemporaryDirectory()
    world.write(
      "a.yaml",
      "belay: 1\nname: shop\nversion: 1.0.0\nsteps: [{id: look, effect: observe, exec: [look, \"<&\\u0001>\"]}]\n")
    world.write("b.yaml", "rehearsal: 1\nrunbook: shop\nname: \"goes <well> & \\\"fine\\\"\"\n")
    world.write("c.yaml", "rehearsal: 1\nrunbook: shop\nname: does not\nexpect: {outcome: failed}\n")
    let result = BelayBinary.run(
      ["rehearse", "a.yaml", "--all", "--format", "junit"], store: world.path("store"), directory: world.path)
    #expect(result.status == 1, "\(result.errors)")
    world.write("report.xml", result.output)
    let command = ["xmllint", "--noout", "--schema", Self.schemas + "/junit-10.xsd", world.path("report.xml")]
    let checked = CommandRunner.run(command)
    #expect(checked.status == 0, "\(checked.errors)")
    let explored = BelayBinary.run(
      ["rehearse", "a.yaml", "--explore", "--minimum", "100", "--format", "junit"], store: world.path("store"),
      directory: world.path)
    #expect(explored.output.contains("testcase"))
    world.write("report.xml", explored.output)
    let valid = CommandRunner.run(command)
    #expect(valid.status == 0, "\(valid.errors)")
  }

  @Test("JUnit keeps to its schema", .enabled(if: InstalledProgram.isExpected("xmllint"))) func junitIsValid() {
    let (world, paths) = Self.manyFiles()
    let result = Self.validate("junit", paths, in: world)
    #expect(result.status == 2)
    world.write("report.xml", result.output)
    let command = ["xmllint", "--noout", "--schema", Self.schemas + "/junit-10.xsd"]
    let checked = CommandRunner.run(command + [world.path("report.xml")])
    #expect(checked.status == 0, "\(checked.errors)")
    world.write("broken.xml", result.output.replacing("tests=", with: "test="))
    #expect(CommandRunner.run(command + [world.path("broken.xml")]).status != 0)
  }

  @Test("SARIF's columns are UTF-16 code units, and its fixes mend") func sarifColumns() throws {
    let world = TemporaryDirectory()
    let text = "belay: 1\nname: example\nsteps:\n  - {id: a, effect: observe, title: 'ä😀', exce: [\"true\"]}\n"
    world.write("a.yaml", text)
    let log = try JSON.parse(Self.validate("sarif", ["a.yaml"], in: world).output)
    let run = try #require(log["runs"]?.array?.first)
    #expect(run["columnKind"]?.string == "utf16CodeUnits")
    let results = try #require(run["results"]?.array)
    let result = try #require(results.first { $0["ruleId"]?.string == "BLY0101" })
    let place = try #require(result["locations"]?.array?.first?["physicalLocation"]?["region"])
    let line = Array(text.split(separator: "\n", omittingEmptySubsequences: false)[3].utf16)
    let start = try #require(place["startColumn"]?.int)
    let end = try #require(place["endColumn"]?.int)
    #expect(place["startLine"]?.int == 4)
    #expect(String(decoding: line[Int(start - 1)..<Int(end - 1)], as: UTF16.self) == "exce")
    let change = try #require(result["fixes"]?.array?.first?["artifactChanges"]?.array?.first)
    let replacement = try #require(change["replacements"]?.array?.first)
    #expect(replacement["deletedRegion"] == place)
    #expect(replacement["insertedContent"]?["text"]?.string == "exec")
  }

  @Test(
    "Whatever the number of files, the same bytes come out each time", arguments: ["json", "sarif", "junit", "github"])
  func isRepeatable(format: String) {
    let world = TemporaryDirectory()
    for number in 0..<200 {
      world.write("\(number % 7)/\(number).yaml", "belay: 1\nname: N\(number)\nsteps:\n  - {id: a, exec: [x]}\nx: 1\n")
    }
    let first = Self.validate(format, ["."], in: world)
    #expect(first.output.utf8.count > 200 * 100)
    for _ in 0..<4 { #expect(Self.validate(format, ["."], in: world).output == first.output) }
  }
}
