import Diagnostics
import YAMLSyntax

/// Steps whose program is kept running for the steps that need it.
extension Decoder {
  /// How long a program may take until it is ready, where its author does not say, in milliseconds.
  static let readiness: Int64 = 30_000

  /// What holds once a background program may be used.
  func ready(_ node: YAMLNode?, in place: ExpressionPlace) -> Check? {
    var ready = node.flatMap { checkReference($0, in: place) }
    if ready?.within == nil { ready?.within = Self.readiness }
    return ready
  }
}
