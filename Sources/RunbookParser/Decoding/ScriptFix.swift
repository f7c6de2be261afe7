import Diagnostics
import Expressions
import YAMLSyntax

/// Takes an expression out of a script: its value comes through a variable. Only where that surely means the same.
struct ScriptFix {
  /// The shells whose quotes it knows.
  private static let shells = ["sh", "bash", "dash", "ksh", "zsh"]

  let source: SourceText
  let step: YAMLNode
  let node: YAMLNode
  let script: [UInt8]
  let expression: Expression

  /// The fix for an expression whose text begins at an offset of the script; nil where it could change what is done.
  func make(at offset: Int) -> Diagnostic.Fix? {
    guard let place = place(around: offset), let isQuoted = isInDoubleQuotes(before: place.lowerBound), knowsShell,
      !expression.source.contains("\""), !expression.source.contains("\\")
    else { return nil }
    let name = variable
    let value = "\"${{ \(expression.source) }}\""
    let use = isQuoted ? "${\(name)}" : "\"${\(name)}\""
    guard let given = insertion(of: "\(name): \(value)", unless: name) else { return nil }
    return Diagnostic.Fix(
      title: "pass the value through `env`",
      edits: given + [Diagnostic.Edit(span: node.span(ofText: place, in: source), replacement: use)])
  }

  /// The expression with its braces, in the script.
  private func place(around offset: Int) -> Range<Int>? {
    var start = offset
    while start > 0, !script[start...].starts(with: Array("${{".utf8)) { start -= 1 }
    var stop = offset + expression.source.utf8.count
    while stop + 1 < script.count, !(script[stop] == UInt8(ascii: "}") && script[stop + 1] == UInt8(ascii: "}")) {
      stop += 1
    }
    return stop + 1 < script.count ? start..<stop + 2 : nil
  }

  private var knowsShell: Bool {
    guard let shell = step["shell"] else { return true }
    guard let name = shell.scalar?.text.split(separator: "/").last else { return false }
    return Self.shells.contains(String(name))
  }

  /// Whether double quotes surround a place; nil where it cannot be told, or where a shell expands nothing.
  private func isInDoubleQuotes(before place: Int) -> Bool? {
    var quote: UInt8?
    var index = 0
    while index < place {
      let byte = script[index]
      switch (byte, quote) {
      case (UInt8(ascii: "\\"), UInt8(ascii: "'")?): break
      case (UInt8(ascii: "\\"), _): index += 1
      case (UInt8(ascii: "'"), nil), (UInt8(ascii: "\""), nil): quote = byte
      case (_, let open?) where byte == open: quote = nil
      // A comment may hold a single quote, and a document has rules of its own.
      case (UInt8(ascii: "#"), nil), (UInt8(ascii: "<"), nil), (UInt8(ascii: "`"), _): return nil
      default: break
      }
      index += 1
    }
    return quote == UInt8(ascii: "'") ? nil : quote != nil
  }

  // MARK: The variable

  /// The last name in the expression in upper case; with a number where the step has a variable of that name.
  private var variable: String {
    let base = String(
      decoding: (expression.paths.first?.segments.last ?? "value").utf8.map { byte in
        (byte >= 0x61 && byte <= 0x7A) ? byte - 32 : byte
      }, as: UTF8.self)
    let taken = step["env"]?.mapping ?? []
    var name = base
    var number = 2
    while let pair = taken.first(where: { $0.key == name }), pair.value.scalar?.text != "${{ \(expression.source) }}" {
      name = "\(base)_\(number)"
      number += 1
    }
    return name
  }

  /// The edits that give the step a variable; none where it has it, nil where the layout is not one that is known.
  private func insertion(of entry: String, unless name: String) -> [Diagnostic.Edit]? {
    if let env = step["env"] {
      guard let pairs = env.mapping, let first = pairs.first else { return nil }
      if pairs.contains(where: { $0.key == name }) { return [] }
      let start = Int(first.keySpan.start)
      if source.bytes[Int(env.span.start)] == UInt8(ascii: "{") { return [edit(start, entry + ", ")] }
      return indent(of: start).map { [edit(start, entry + "\n" + $0)] }
    }
    guard let start = step.mapping?.first(where: { $0.key == "run" }).map({ Int($0.keySpan.start) }) else { return nil }
    return indent(of: start).map { [edit(start, "env: {\(entry)}\n" + $0)] }
  }

  private func edit(_ place: Int, _ text: String) -> Diagnostic.Edit {
    Diagnostic.Edit(span: ByteSpan(place, place), replacement: text)
  }

  /// How far a key is indented that is the first on its line; nil for any other.
  private func indent(of place: Int) -> String? {
    var lineStart = place
    while lineStart > 0, source.bytes[lineStart - 1] != UInt8(ascii: "\n") { lineStart -= 1 }
    let before = source.bytes[lineStart..<place]
    guard before.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "-") }) else { return nil }
    return String(repeating: " ", count: before.count)
  }
}
