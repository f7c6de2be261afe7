import CanonicalJSON
import Expressions
import Glibc
import Testing

/// The published cases, from a folder that an environment variable names.
@Suite(.enabled(if: Conformance.folder != nil))
struct ConformanceTests {
  @Test("published cases evaluate as they say", arguments: Conformance.files)
  func publishedCases(file: String) throws {
    let lines = try Conformance.lines(of: file)
    var failures: [String] = []
    var passed = 0
    var skipped = 0
    for line in lines {
      let entry = try JSON.parse(line)
      let source = try #require(entry["expr"]?.string)
      if Conformance.isLeftOut(source, entry) {
        skipped += 1
        continue
      }
      let outcome = Conformance.outcome(source, entry["bindings"])
      if Conformance.agrees(outcome, entry) {
        passed += 1
      } else {
        failures.append("\(entry["name"]?.string ?? "?"): \(source): \(outcome)")
      }
    }
    print("\(file): \(passed) of \(lines.count) cases hold, \(skipped) are about messages")
    #expect(failures == [])
    #expect(passed >= Conformance.run[file] ?? 1, "fewer cases of \(file) are run than before")
  }

  @Test("what is left out needs messages, and nothing else does")
  func theRuleIsNarrow() throws {
    #expect(Conformance.isLeftOut("TestAllTypes{a: 1}.a", .object([])))
    #expect(Conformance.isLeftOut("[ . cel. expr .conformance. proto3. TestAllTypes { a : 1 } ]", .object([])))
    #expect(Conformance.isLeftOut("x", .object([.init("skip", .string("message"))])))
    #expect(!Conformance.isLeftOut("x", .object([.init("env", .bool(true))])))
    #expect(!Conformance.isLeftOut("{'TestAllTypes': 1}", .object([])))
  }
}

private enum Conformance {
  /// How many cases of a file are run at least; the number never falls.
  static let run = [
    "basic.jsonl": 43, "fp_math.jsonl": 30, "integer_math.jsonl": 64, "lists.jsonl": 39, "logic.jsonl": 30,
    "macros.jsonl": 44, "parse.jsonl": 193,
  ]

  /// Whether a case needs messages of protobuf: it says so, or it makes one of the published test messages.
  static func isLeftOut(_ source: String, _ entry: JSON) -> Bool {
    entry["skip"] != nil || source.contains(/TestAllTypes(\s|\/\/[^\n]*)*\{/)
  }

  static let folder: String? = getenv("BELAY_CEL_CONFORMANCE").map { String(cString: $0) }

  static var files: [String] {
    guard let folder, let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".jsonl") { names.append(name) }
    }
    return names.sorted()
  }

  static func lines(of file: String) throws -> [String] {
    let stream = try #require(fopen("\(folder ?? "")/\(file)", "r"))
    defer { fclose(stream) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, stream)
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  static func outcome(_ source: String, _ bindings: JSON?) -> Result<Value, EvaluationError> {
    var values: [String: Value] = [:]
    for member in bindings?.members ?? [] { values[member.key] = Value(tagged: member.value) }
    switch Expression.parse(source) {
    case .failure(let errors): return .failure(EvaluationError(errors.problems[0].message))
    case .success(let expression):
      do throws(EvaluationError) {
        return .success(try expression.evaluate(in: Names(values: values)))
      } catch {
        return .failure(error)
      }
    }
  }

  static func agrees(_ outcome: Result<Value, EvaluationError>, _ entry: JSON) -> Bool {
    switch outcome {
    case .failure: entry["error"] == .bool(true)
    case .success(let value): entry["value"].flatMap { Value(tagged: $0) }.map { same(value, $0) } ?? false
    }
  }

  /// Whether both are of one type and alike, maps in any order.
  private static func same(_ a: Value, _ b: Value) -> Bool {
    switch (a, b) {
    case (.list(let a), .list(let b)): return a.count == b.count && zip(a, b).allSatisfy { same($0, $1) }
    case (.map(let a), .map(let b)):
      return a.count == b.count
        && a.keys.allSatisfy { key in a[key].flatMap { x in b[key].map { same(x, $0) } } ?? false }
    default: return a == b
    }
  }
}
