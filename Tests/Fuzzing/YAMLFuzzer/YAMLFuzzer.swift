import Diagnostics
import FuzzingLimits
import YAMLSyntax

/// Reads what libFuzzer thinks up, and holds the tree's places to the file.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzYAML(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let source = SourceText(name: "fuzz.yaml", bytes: Array(UnsafeBufferPointer(start: start, count: count)))
  withinASecond { read(source) }
  return 0
}

private func read(_ source: SourceText) {
  let (root, diagnostics) = YAMLReader.read(source)
  precondition(root != nil || diagnostics.hasErrors, "nothing was read, and nothing says why")
  for diagnostic in diagnostics {
    check(diagnostic.span, in: source)
    for label in diagnostic.labels { check(label.span, in: label.source) }
  }
  _ = FixApplication(diagnostics, to: source)
  var open = root.map { [$0] } ?? []
  while let node = open.popLast() {
    check(node.span, in: source)
    switch node.content {
    case .scalar(let scalar):
      let end = scalar.text.utf8.count
      for range in [0..<0, 0..<end, end / 2..<end, end..<end] {
        check(node.span(ofText: range, in: source), in: source)
      }
    case .sequence(let nodes): open += nodes
    case .mapping(let pairs):
      precondition(Set(pairs.map(\.key)).count == pairs.count, "a key stands twice")
      for pair in pairs {
        check(pair.keySpan, in: source)
        open.append(pair.value)
      }
    }
  }
}

private func check(_ span: ByteSpan, in source: SourceText) {
  precondition(span.start >= 0 && span.start <= span.end && Int(span.end) <= source.bytes.count, "\(span)")
}
