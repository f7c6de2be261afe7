import BelayTestSupport
import Diagnostics
import Presentation
import RunbookParser
import Testing

/// Each file in `Diagnostics` with what the compiler says of it, to the character.
@Suite struct DiagnosticTests {
  static let folder = BelayBinary.projectRoot + "/Tests/ParserTests/Diagnostics"
  static let names = GoldenFile.names(in: folder, suffix: ".yaml")

  private static func compile(_ name: String) throws -> [Diagnostic] {
    let bytes = try #require(TestFile.bytes("\(folder)/\(name).yaml"))
    return RunbookCompiler.compile(SourceText(name: name + ".yaml", bytes: bytes)).diagnostics
  }

  @Test("a mistake is shown at its place, with what to do", arguments: names)
  func isShown(name: String) throws {
    let text = DiagnosticTextRenderer(colour: false).render(try Self.compile(name))
    if let difference = GoldenFile.difference(text, from: "\(Self.folder)/\(name).txt") {
      Issue.record("\(difference)")
    }
  }

  @Test("a file that is named for a code brings it", arguments: names.filter { $0.hasPrefix("BLY") })
  func bringsItsCode(name: String) throws {
    #expect(try Self.compile(name).contains { $0.code.rawValue == name.prefix(7) })
  }

  @Test("a good file brings nothing", arguments: names.filter { $0.hasPrefix("good") })
  func bringsNothing(name: String) throws {
    #expect(try Self.compile(name).isEmpty)
  }

  @Test("every fix that is offered takes its mistake away", arguments: names)
  func fixesMend(name: String) throws {
    let bytes = try #require(TestFile.bytes("\(Self.folder)/\(name).yaml"))
    for diagnostic in try Self.compile(name) {
      guard let fix = diagnostic.fix else { continue }
      var mended = bytes
      for edit in fix.edits.sorted(by: { $0.span > $1.span }) {
        mended.replaceSubrange(Int(edit.span.start)..<Int(edit.span.end), with: Array(edit.replacement.utf8))
      }
      let after = RunbookCompiler.compile(SourceText(name: name + ".yaml", bytes: mended)).diagnostics
      let before = try Self.compile(name).filter { $0.code == diagnostic.code && $0.message == diagnostic.message }
      let left = after.filter { $0.code == diagnostic.code && $0.message == diagnostic.message }
      #expect(left.count < before.count, "\(fix.title): \(String(decoding: mended, as: UTF8.self))")
    }
  }
}
