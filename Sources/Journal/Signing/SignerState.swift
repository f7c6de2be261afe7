import CanonicalJSON

/// What a log's signer keeps of what it has signed last, outside the database.
package struct SignerState: Hashable, Sendable {
  /// The tree it has signed.
  package internal(set) var frontier = MerkleFrontier()
  /// The hash of the last record's line; zero before the first.
  package internal(set) var lastHash = ContentHash.zero

  /// How many records it has signed.
  package var size: Int64 { frontier.size }

  init() {}

  /// Reads the form that is kept; nil for anything else.
  init?(_ bytes: [UInt8]) {
    guard let value = try? JSON.parse(bytes), let size = value["size"]?.int,
      let last = value["last"]?.string.flatMap({ ContentHash(hex: $0) }), let texts = value["nodes"]?.array
    else { return nil }
    let nodes = texts.compactMap { $0.string.flatMap { ContentHash(hex: $0) } }
    guard nodes.count == texts.count, let frontier = MerkleFrontier(size: size, nodes: nodes) else { return nil }
    self.frontier = frontier
    lastHash = last
  }

  var bytes: [UInt8] {
    JSON.object([
      .init("last", .string(lastHash.hex)), .init("nodes", .strings(frontier.nodes.map(\.hex))),
      .init("size", .int(size)),
    ]).canonicalBytes()
  }

  /// Takes in a record's line.
  mutating func append(_ line: UnsafeRawBufferPointer) {
    frontier.append(ContentHash(leaf: line))
    lastHash = ContentHash(of: line)
  }
}
