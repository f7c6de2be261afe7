extension JournalError {
  /// Whether a stored output is not there any more, or not what it was.
  package var isOutputLost: Bool {
    switch self {
    case .outputMissing, .outputDamaged: true
    default: false
    }
  }

  /// Whether a newer engine has taken the run over.
  package var isEpochLost: Bool { if case .epochLost = self { true } else { false } }

  /// Whether a live engine or another run stands in the way.
  package var isLockOrEngineBusy: Bool {
    switch self {
    case .engineBusy, .lockBusy: true
    default: false
    }
  }

  /// The description; of a signer's refusal the reason alone.
  package var reason: String { if case .signing(let reason) = self { reason } else { description } }

  /// The description, if a live engine or another run stands in the way.
  package var busyMessage: String? { isLockOrEngineBusy ? description : nil }

  /// Whether the store turned a commit down for a reason of its own and can take the next one.
  var isRefusal: Bool { isEpochLost || isLockOrEngineBusy }
}
