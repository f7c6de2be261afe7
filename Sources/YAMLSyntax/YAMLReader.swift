import CLibYAML
import Diagnostics
import Glibc

/// Reads one YAML document into a tree, with what the language refuses of YAML refused.
public struct YAMLReader {
  /// How deep nodes may be nested.
  public static let depthLimit = 64
  /// How many bytes a file may have: 16 MiB.
  public static let sizeLimit = 16 << 20

  /// The document of a file; nil, with an error among the diagnostics, where there is none to be had.
  ///
  /// What can be read past a mistake is read, so that all mistakes are reported at once; after a mistake in the
  /// syntax itself nothing can be.
  public static func read(_ source: SourceText) -> (root: YAMLNode?, diagnostics: [Diagnostic]) {
    if source.bytes.count > sizeLimit {
      return (
        nil,
        [
          Diagnostic(
            .tooLarge, "the file has \(source.bytes.count) bytes; a file may have at most 16 MiB", source: source,
            span: ByteSpan(0, 0))
        ]
      )
    }
    var reader = YAMLReader(source: source)
    let root = reader.document()
    return (root, reader.diagnostics)
  }

  /// A collection whose end has not come yet.
  private struct Open {
    var start: Int
    var isMapping: Bool
    var isFlow: Bool
    var nodes: [YAMLNode] = []
    var pairs: [YAMLPair] = []
    var key: (text: String, span: ByteSpan)?
    /// The key was refused: its value is read and dropped.
    var dropsValue = false
    var keys: Set<String> = []
  }

  let source: SourceText
  private var diagnostics: [Diagnostic] = []
  private var open: [Open] = []
  private var root: YAMLNode?
  private var cursor: CharacterCursor

  private init(source: SourceText) {
    self.source = source
    cursor = CharacterCursor(source.bytes)
  }

  private mutating func document() -> YAMLNode? {
    var parser = yaml_parser_t()
    guard yaml_parser_initialize(&parser) == 1 else {
      report(.notYAML, "there is not enough memory to read the file", ByteSpan(0, 0))
      return nil
    }
    defer { yaml_parser_delete(&parser) }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
    let skipped = source.bytes.starts(with: Self.byteOrderMark) ? Self.byteOrderMark.count : 0
    return source.bytes.withUnsafeBufferPointer { bytes in
      yaml_parser_set_input_string(&parser, bytes.baseAddress.map { $0 + skipped }, bytes.count - skipped)
      return events(of: &parser)
    }
  }

  private mutating func events(of parser: inout yaml_parser_t) -> YAMLNode? {
    var documents = 0
    while true {
      var event = yaml_event_t()
      guard yaml_parser_parse(&parser, &event) == 1 else {
        reportSyntaxError(parser)
        return nil
      }
      defer { yaml_event_delete(&event) }
      switch event.type {
      case YAML_STREAM_END_EVENT:
        if root == nil, !diagnostics.hasErrors {
          report(.emptyDocument, "the file is empty", ByteSpan(0, 0), notes: ["a runbook begins with `belay: 1`"])
        }
        return root
      case YAML_DOCUMENT_START_EVENT:
        documents += 1
        if documents > 1 {
          report(
            .secondDocument, "a second document begins here; a file holds one",
            ByteSpan(offset(event.start_mark), offset(event.end_mark)), notes: ["put it into a file of its own"])
          return root
        }
      case YAML_ALIAS_EVENT:
        report(
          .alias, "an alias is not part of the language", span(event),
          notes: ["write the value out, or put a constant under `values`; a text that begins with * needs quotes"])
        add(YAMLNode(content: .scalar(YAMLScalar(text: "", style: .plain)), span: span(event)))
      case YAML_SCALAR_EVENT:
        refuse(anchor: event.data.scalar.anchor, tag: event.data.scalar.tag, event)
        scalar(event)
      case YAML_SEQUENCE_START_EVENT:
        let start = event.data.sequence_start
        refuse(anchor: start.anchor, tag: start.tag, event)
        guard begin(event, isMapping: false, isFlow: start.style == YAML_FLOW_SEQUENCE_STYLE) else { return nil }
      case YAML_MAPPING_START_EVENT:
        let start = event.data.mapping_start
        refuse(anchor: start.anchor, tag: start.tag, event)
        guard begin(event, isMapping: true, isFlow: start.style == YAML_FLOW_MAPPING_STYLE) else { return nil }
      case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
        end(event)
      default: break
      }
    }
  }

  // MARK: Nodes

  private mutating func scalar(_ event: yaml_event_t) {
    let data = event.data.scalar
    let text = String(decoding: UnsafeBufferPointer(start: data.value, count: data.length), as: UTF8.self)
    let style: YAMLScalar.Style =
      switch data.style {
      case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
      case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
      case YAML_LITERAL_SCALAR_STYLE: .literal
      case YAML_FOLDED_SCALAR_STYLE: .folded
      default: .plain
      }
    let place = span(event)
    if data.length > 0, memchr(data.value, 0, data.length) != nil {
      report(
        .nulInText, "the text holds a NUL character, which no program can be given", place,
        notes: ["leave out the \\0"])
    }
    if style == .plain { warnOfComment(after: place) }
    add(YAMLNode(content: .scalar(YAMLScalar(text: text, style: style)), span: place))
  }

  private mutating func begin(_ event: yaml_event_t, isMapping: Bool, isFlow: Bool) -> Bool {
    if open.count >= Self.depthLimit {
      report(.tooDeep, "values are nested more than \(Self.depthLimit) levels deep", span(event))
      return false
    }
    open.append(Open(start: offset(event.start_mark), isMapping: isMapping, isFlow: isFlow))
    return true
  }

  private mutating func end(_ event: yaml_event_t) {
    guard let collection = open.popLast() else { return }
    var end = offset(event.end_mark)
    if !collection.isFlow {
      let last = collection.isMapping ? collection.pairs.last?.value : collection.nodes.last
      end = last.map { max(Int($0.span.end), collection.start) } ?? end
    }
    let content: YAMLNode.Content = collection.isMapping ? .mapping(collection.pairs) : .sequence(collection.nodes)
    add(YAMLNode(content: content, span: ByteSpan(collection.start, end)))
  }

  private mutating func add(_ node: YAMLNode) {
    guard !open.isEmpty else {
      root = node
      return
    }
    let last = open.count - 1
    if !open[last].isMapping {
      open[last].nodes.append(node)
    } else if open[last].dropsValue {
      open[last].dropsValue = false
    } else if let key = open[last].key {
      open[last].key = nil
      open[last].pairs.append(YAMLPair(key: key.text, keySpan: key.span, value: node))
    } else {
      key(node, of: last)
    }
  }

  private mutating func key(_ node: YAMLNode, of place: Int) {
    guard let scalar = node.scalar else {
      open[place].dropsValue = true
      report(
        .keyNotText, "a key is a text, not \(node.kindName)", node.span,
        notes: ["a text that begins with { or [ needs quotes"])
      return
    }
    if scalar.style == .plain, scalar.text == "<<" {
      open[place].dropsValue = true
      report(.mergeKey, "a merge key is not part of the language", node.span, notes: ["write the keys out"])
      return
    }
    let isNew: Bool
    if open[place].pairs.count < 12 {
      isNew = !open[place].pairs.contains { $0.key == scalar.text }
    } else {
      if open[place].keys.isEmpty { open[place].keys = Set(open[place].pairs.map(\.key)) }
      isNew = open[place].keys.insert(scalar.text).inserted
    }
    guard isNew else {
      open[place].dropsValue = true
      let first = open[place].pairs.first { $0.key == scalar.text }?.keySpan ?? node.span
      diagnostics.append(
        Diagnostic(
          .duplicateKey, "the key `\(scalar.text)` stands here a second time", source: source, span: node.span,
          labels: [Diagnostic.Label(source: source, span: first, message: "it stands here first")]))
      return
    }
    open[place].key = (scalar.text, node.span)
  }

  private mutating func refuse(
    anchor: UnsafeMutablePointer<yaml_char_t>?, tag: UnsafeMutablePointer<yaml_char_t>?, _ event: yaml_event_t
  ) {
    if anchor != nil {
      report(
        .anchor, "an anchor is not part of the language", span(event),
        notes: ["write the value out, or put a constant under `values`; a text that begins with & needs quotes"])
    }
    if tag != nil {
      diagnostics.append(
        Diagnostic(
          .tag, "a tag is not part of the language: every field has its type", source: source, span: span(event),
          notes: ["a text that begins with ! needs quotes"], fix: tagFix(event)))
    }
  }

  /// A fix that makes a tag part of the plain text behind it.
  private mutating func tagFix(_ event: yaml_event_t) -> Diagnostic.Fix? {
    guard event.type == YAML_SCALAR_EVENT, event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE else { return nil }
    let span = span(event)
    guard !source.bytes[Int(span.start)..<Int(span.end)].contains(UInt8(ascii: "\n")) else { return nil }
    return fix(quoting: Int(span.start), Int(span.end))
  }

  // MARK: Places

  private mutating func offset(_ mark: yaml_mark_t) -> Int {
    cursor.byteOffset(ofCharacter: Int(mark.index) + (source.bytes.starts(with: Self.byteOrderMark) ? 1 : 0))
  }

  /// What some editors begin a file with; libyaml takes it for text where the encoding is given.
  static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  private mutating func span(_ event: yaml_event_t) -> ByteSpan {
    let start = offset(event.start_mark)
    return ByteSpan(start, offset(event.end_mark))
  }

  // MARK: Mistakes

  private mutating func report(
    _ code: DiagnosticCode, _ message: String, _ span: ByteSpan, notes: [String] = []
  ) {
    diagnostics.append(Diagnostic(code, message, source: source, span: span, notes: notes))
  }

  /// ` #` with no blank behind it more likely belongs to the text than begins a comment.
  private mutating func warnOfComment(after place: ByteSpan) {
    let bytes = source.bytes
    var index = Int(place.end)
    guard index > Int(place.start), index + 2 < bytes.count, bytes[index] == UInt8(ascii: " ") else { return }
    index += 1
    guard bytes[index] == UInt8(ascii: "#"), !" \t\n\r#!".utf8.contains(bytes[index + 1]) else { return }
    var end = index
    while end < bytes.count, bytes[end] != UInt8(ascii: "\n"), bytes[end] != UInt8(ascii: "\r") { end += 1 }
    diagnostics.append(
      Diagnostic(
        .cutByComment, "the text ends before ` #`, which begins a comment", severity: .warning, source: source,
        span: ByteSpan(index, end), notes: ["write a blank after the # if a comment is meant"],
        fix: isAfterFlowStart(Int(place.start)) ? nil : fix(quoting: Int(place.start), end)))
  }

  private mutating func reportSyntaxError(_ parser: yaml_parser_t) {
    let message = parser.problem.map { String(cString: $0) } ?? "the text cannot be read"
    if parser.error == YAML_READER_ERROR {
      let skipped = source.bytes.starts(with: Self.byteOrderMark) ? Self.byteOrderMark.count : 0
      let place = min(Int(parser.problem_offset) + skipped, source.bytes.count)
      let isControl = message.contains("control")
      report(
        isControl ? .notYAML : .notUTF8,
        isControl ? "a control character stands here, which YAML does not allow" : "these bytes are not UTF-8",
        ByteSpan(place, min(place + 1, source.bytes.count)))
      return
    }
    let place = offset(parser.problem_mark)
    var labels: [Diagnostic.Label] = []
    if let context = parser.context, parser.context_mark.index != parser.problem_mark.index {
      let start = offset(parser.context_mark)
      labels.append(
        Diagnostic.Label(source: source, span: ByteSpan(start, start + 1), message: String(cString: context)))
    }
    let line = Int(parser.problem_mark.line)
    let fixes = [place] + labels.map { Int($0.span.start) }
    let fix = fixes.compactMap { quoteFix(around: $0) }.first { mends($0, line) }
    diagnostics.append(
      Diagnostic(
        .notYAML, "this is not YAML: \(message)", source: source,
        span: ByteSpan(place, min(place + 1, source.bytes.count)), labels: labels,
        notes: [hint(at: place, hasFix: fix != nil)].compactMap { $0 }, fix: fix))
  }
}

/// Finds the byte at which a character stands; libyaml counts characters.
private struct CharacterCursor {
  private let bytes: [UInt8]
  private let isASCII: Bool
  private var character = 0
  private var byte = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    isASCII = bytes.allSatisfy { $0 < 0x80 }
  }

  /// The byte offset of a character; cheap for places near the last one asked for.
  mutating func byteOffset(ofCharacter wanted: Int) -> Int {
    if isASCII { return min(wanted, bytes.count) }
    while character < wanted, byte < bytes.count {
      byte += 1
      while byte < bytes.count, bytes[byte] & 0xC0 == 0x80 { byte += 1 }
      character += 1
    }
    while character > wanted, byte > 0 {
      byte -= 1
      while byte > 0, bytes[byte] & 0xC0 == 0x80 { byte -= 1 }
      character -= 1
    }
    return byte
  }
}
