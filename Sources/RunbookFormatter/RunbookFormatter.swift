import Diagnostics
import RunbookParser
import YAMLSyntax

/// What formatting a file gave.
package struct Formatting: Sendable {
  /// The file in its canonical layout; nil where it cannot be formatted.
  package var text: String?
  /// Why it cannot.
  package var diagnostics: [Diagnostic]
  /// Whether it is a file of another kind, and nothing is wrong with it otherwise.
  package var isOfOtherKind = false
}

/// Brings the files of the language into one order of keys and one layout.
///
/// What it writes reads as the same tree, keys in another order aside, and has the same comments: it looks itself, and
/// refuses the file where that were not so.
package enum RunbookFormatter {
  /// The canonical text of a file.
  package static func format(_ source: SourceText) -> Formatting {
    let (root, problems) = YAMLReader.read(source)
    guard let root, !problems.hasErrors else { return Formatting(text: nil, diagnostics: problems) }
    guard let kind = FileKind.allCases.first(where: { $0.firstKey == root.mapping?.first?.key }) else {
      var formatting = refusal(
        "this is no file of the language", source, root.mapping?.first?.keySpan ?? root.span,
        notes: [
          "a runbook begins with `belay: 1`, a library with `library: 1`, a project's file with `project: 1`, "
            + "an inventory with `platform: 1`"
        ])
      formatting.isOfOtherKind = true
      return formatting
    }
    let shape = PlaceShape(kind)
    // Offsets are worked out anew, without a byte order mark and with one kind of line break.
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let hasMark = source.bytes.starts(with: mark)
    let bytes = withPlainBreaks(hasMark ? source.bytes.dropFirst(3) : source.bytes[...])
    guard let tree = YAMLReader.read(SourceText(name: source.name, bytes: bytes)).root else {
      return refusal("this file cannot be formatted", source, root.span)
    }
    let text: String
    do throws(Unplaceable) {
      var reader = LayoutReader(bytes)
      let (head, layout) = try reader.document(tree)
      var writer = LayoutWriter()
      writer.document(head, layout, shape)
      text = writer.output
    } catch {
      // With other line breaks offsets are those of the text that was looked at.
      let place = bytes.count == source.bytes.count ? error.offset : 0
      return refusal("\(error.message); the file is left as it is", source, ByteSpan(place, place + 1))
    }
    let written = SourceText(name: source.name, bytes: Array(text.utf8))
    guard let result = YAMLReader.read(written).root, Likeness.same(tree, result, shape),
      Likeness.comments(tree, bytes) == Likeness.comments(result, written.bytes)
    else {
      return refusal("the layout of this file is not understood; it is left as it is", source, root.span)
    }
    return Formatting(text: hasMark ? "\u{FEFF}" + text : text, diagnostics: [])
  }

  private static func refusal(
    _ message: String, _ source: SourceText, _ span: ByteSpan, notes: [String] = []
  ) -> Formatting {
    Formatting(
      text: nil, diagnostics: [Diagnostic(.notFormatted, message, source: source, span: span, notes: notes)])
  }

  private static func withPlainBreaks(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    guard bytes.contains(0x0D) else { return Array(bytes) }
    var plain: [UInt8] = []
    plain.reserveCapacity(bytes.count)
    var previous: UInt8 = 0
    for byte in bytes {
      if byte == 0x0D {
        plain.append(0x0A)
      } else if byte != 0x0A || previous != 0x0D {
        plain.append(byte)
      }
      previous = byte
    }
    return plain
  }
}
